// A rotation that is spelled out: on which provider, whether it is cancelled, and which fault comes at which step of
// which worker. It has a name, by which it is run again: `rotation ecs cancelled at 30: worker1/12 crash after`.
import { isProvider, type ProviderName, providerNames } from '../../../lib/provider-table.ts';
import { cancelRotation, requestRotation } from '../../../lib/vending/rotation/rotation-commands.ts';
import { everyFault, type Fault, fits, nameOf } from '../faults.ts';
import { network } from '../scheduler.ts';
import { finished, quiet, type RotationRun, recordOf } from './quiet.ts';
import { during, scene } from './scene.ts';

const MINUTE = 60_000;

export interface RotationCase {
  readonly provider: ProviderName;
  /** In the middle of which of the first worker's steps. */
  readonly cancelledAt?: number;
  readonly fault?: { readonly who: string; readonly at: number; readonly fault: Fault };
}

const nameOfCase = ({ provider, cancelledAt, fault }: RotationCase): string =>
  `rotation ${provider}${cancelledAt === undefined ? '' : ` cancelled at ${cancelledAt}`}: ${
    fault === undefined ? '' : `${fault.who}/${fault.at} ${nameOf(fault.fault)}`
  }`;

/** @throws {TypeError} for a name that no case has */
export function rotationCase(name: string): RotationCase {
  const [, provider, at, who, step, kind] =
    /^rotation (\w+)(?: cancelled at (\d+))?: (?:(\w+)\/(\d+) (.+))?$/.exec(name) ?? [];
  const fault = everyFault.find((one) => nameOf(one) === kind);
  if (!isProvider(provider) || (kind !== undefined && fault === undefined))
    throw new TypeError(`no such case: ${name}`);
  return {
    provider,
    ...(at === undefined ? {} : { cancelledAt: Number(at) }),
    ...(fault === undefined ? {} : { fault: { who: who!, at: Number(step), fault } }),
  };
}

/** Two machines; a worker every minute until the overlap is over, and then until nothing is due. */
export async function runRotation(one: RotationCase): Promise<RotationRun> {
  const { provider, cancelledAt, fault } = one;
  const all = await scene(1, provider, 2);
  const { line, scheduler } = all.all;
  const { process, ports } = all.worker('asks');
  let id = '';
  await during(all.all, async () => {
    ({ id } = await requestRotation(ports, all.identity, { caller: 'portal' }));
  });
  process.done();
  let cancelled = false;
  line.plan = {
    at(who, step) {
      if (who === 'worker1' && step === cancelledAt && !cancelled) {
        cancelled = true;
        const portal = all.worker('cancels');
        void cancelRotation(portal.ports, all.identity, id).then(
          () => all.cancelled.add(id),
          () => {},
        );
      }
      return who === fault?.who && step === fault.at ? fault.fault : undefined;
    },
  };
  for (let i = 1; i <= 4; i += 1) void scheduler.point(network, i * MINUTE).then(() => void all.rotates(`worker${i}`));
  await scheduler.run(scheduler.nowMs + 5 * MINUTE);
  await recordOf(all);
  line.note('all', 'the first minutes are over');
  const { plan } = line;
  const done = quiet(all);
  line.plan = plan; // faults of workers that come later
  await done;
  const title = nameOfCase(one);
  return finished(all, { title, again: `--only '${title}'` });
}

/** While the successor is being made: whoever is late then must not make it after all. */
const EARLY = 8;

/**
 * Cancelled at every step; and every fault at every step of every worker of a rotation that goes well, of one that is
 * cancelled while its successor is made, and of one that is cancelled half-way.
 */
export async function* rotationCases(): AsyncGenerator<RotationCase> {
  for (const provider of providerNames) {
    const { calls } = await runRotation({ provider });
    const steps = calls.get('worker1')!.length;
    for (let at = 1; at <= steps; at += 1) yield { provider, cancelledAt: at };
    const half = Math.round(steps / 2);
    for (const cancelledAt of [EARLY, half, undefined]) {
      const story = cancelledAt === undefined ? { provider } : { provider, cancelledAt };
      for (const [who, made] of (await runRotation(story)).calls) {
        if (!who.startsWith('worker')) continue;
        for (const [i, call] of made.entries())
          for (const fault of everyFault) if (fits(fault, call)) yield { ...story, fault: { who, at: i + 1, fault } };
      }
    }
  }
}
