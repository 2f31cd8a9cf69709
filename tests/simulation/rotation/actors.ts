// Who asks for something in a rotation's run, and what they may not be told.
import { VendingError } from '../../../lib/errors.ts';
import { cancelRotation, requestRotation } from '../../../lib/vending/rotation/rotation-commands.ts';
import { isOver } from '../../../lib/vending/rotation/rotation-record.ts';
import { STRANGER } from '../../doubles/memory-cloud.ts';
import { network } from '../scheduler.ts';
import { recordOf } from './quiet.ts';
import type { Scene } from './scene.ts';

export const asks = (all: Scene, ms: number, who: string) =>
  acts(all, ms, who, (ports) => requestRotation(ports, all.identity, { caller: 'portal' }));

export function cancels(all: Scene, ms: number, who: string): void {
  acts(all, ms, who, async (ports) => {
    const rotation = (await recordOf(all)).rotations?.find((one) => !isOver(one));
    if (rotation === undefined) return;
    await cancelRotation(ports, all.identity, rotation.id);
    all.cancelled.add(rotation.id);
  });
}

export type WorkerPorts = ReturnType<Scene['worker']>['ports'];

export const at = (all: Scene, ms: number, act: () => unknown) => void all.all.scheduler.point(network, ms).then(act);

export function acts(all: Scene, ms: number, who: string, act: (ports: WorkerPorts) => Promise<unknown>): void {
  at(all, ms, async () => {
    const { process, ports } = all.worker(who);
    await act(ports).catch((error: unknown) => {
      all.all.line.note(who, `is told ${error instanceof VendingError ? error.code : String(error)}`);
      if (who.startsWith('vends') && error instanceof VendingError && error.code === 'NAME_TAKEN' && !hadStrangers(all))
        all.broken.add('P5: a name whose pair we deleted is called taken by somebody else');
      if (!(error instanceof VendingError)) all.broken.add(`P0: a defect: ${(error as Error).stack}`);
    });
    process.done();
  });
}

const hadStrangers = ({ all: { cloud } }: Scene): boolean =>
  [...cloud.pairs, ...cloud.removals.map(({ pair }) => pair)].some(({ madeBy }) => madeBy === STRANGER);
