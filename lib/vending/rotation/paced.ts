// The worker's own calls to a cloud that takes so many of an action a second of one account: each waits for its turn, with those of
// recovery and of comparing. Hundreds of key pairs may come due at the same moment, and a call that is refused is a call that is lost.
import { type Deadline, leftMs } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import type { Fleet } from '../../providers/fleet.ts';
import type { KeyPairProvider } from '../../providers/provider.ts';
import { READ_PAIRS, takeTurn } from '../rate-limit.ts';
import type { RotationPorts } from './rotation-ports.ts';

/** Calls by the action that they count as at the cloud. A create has a permit of its own (`acquirePermit`). */
const ofProvider = {
  find: READ_PAIRS,
  list: READ_PAIRS,
  count: READ_PAIRS,
  remove: 'remove',
  import: 'import',
} as const;
const ofFleet = {
  ...{ holders: 'instances', instances: 'instances' },
  ...{ attach: 'attach', detach: 'detach', rename: 'rename', retarget: 'retarget' },
} as const;

/** @param until one that would have to wait longer is not sent (DEADLINE_PASSED) */
export function paced(ports: RotationPorts, until: Deadline): RotationPorts {
  const { providerFor, fleetFor, settings, clock } = ports;
  const left = () => leftMs(clock, until);
  const isPaced = ({ provider }: Identity) => settings.callsPerSecond[provider] !== undefined;
  const inTurn =
    (identity: Identity) =>
    async (action: string): Promise<void> => {
      if (await takeTurn(ports, identity, left, action)) return;
      throw new VendingError('DEADLINE_PASSED', 'No time was left to wait for the turn of a call');
    };
  return {
    ...ports,
    async providerFor(identity) {
      const provider = await providerFor(identity);
      return isPaced(identity) ? waiting(provider, ofProvider, inTurn(identity)) : provider;
    },
    ...(fleetFor && {
      async fleetFor(identity: Identity) {
        const fleet = await fleetFor(identity);
        if (!isPaced(identity)) return fleet;
        const turn = inTurn(identity);
        return {
          ...waiting(fleet, ofFleet, turn),
          // Each kind is an action of its own.
          async references(pair, call, kinds = fleet.referenceKinds) {
            for (const kind of kinds) await turn(kind);
            return fleet.references(pair, call, kinds);
          },
        } satisfies Fleet;
      },
    }),
  };
}

type Actions<T> = { readonly [K in keyof T]?: string };

/** The same port, whose calls wait. */
function waiting<T extends KeyPairProvider | Fleet>(
  port: T,
  actions: Actions<T>,
  turn: (action: string) => Promise<void>,
): T {
  const calls = Object.entries(actions as Readonly<Record<string, string>>).flatMap(([name, action]) => {
    const call = port[name as keyof T] as ((...given: never[]) => Promise<unknown>) | undefined;
    if (call === undefined) return [];
    const paced = async (...given: never[]) => {
      await turn(action);
      return call.apply(port, given);
    };
    return [[name, paced] as const];
  });
  return { ...port, ...Object.fromEntries(calls) };
}
