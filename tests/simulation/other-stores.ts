// Stores that are not like AWS's: one that drops the oldest version of a secret, one whose label moves without a look at who has it, one that
// takes a request however old it is. As Alibaba KMS may be, as no page says which, and as OpenBao's KV version 2 is.
import { VendingError } from '../../lib/errors.ts';
import { type Identity, identityKey } from '../../lib/identity.ts';
import { type Random, random } from '../doubles/random.ts';
import { changes, type FaultPlan } from './faults.ts';
import { nothingReached, type Reached } from './reached.ts';
import { network } from './scheduler.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;

/**
 * @param sizes how many versions it may keep
 * @returns how many keys of one key pair are stored at a time, as the table of stores has it
 */
export function otherStore(all: World, chance: Random, sizes: readonly number[]): number | undefined {
  const reached = nothingReached();
  all.reached = reached;
  const kind = chance.pick(['kms', 'kms', 'kv'] as const);
  const { storeLimits, storeWay, scheduler, unusual } = all;
  if (kind === 'kms') {
    const most = chance.pick(sizes);
    Object.assign(storeLimits, {
      ...{ most, countsAll: true, drops: chance.pick(['oldest', 'oldest unlabelled'] as const) },
      blindLabels: chance.chance(0.7),
      reached: (what: Exclude<keyof Reached, 'fenced'>) => {
        reached[what] += 1;
      },
    });
    Object.assign(storeWay, { windowMs: 15 * MINUTE });
    copiesGoLate(all, random(chance.below(2 ** 31)));
    Object.assign(unusual, { blindLabels: storeLimits.blindLabels, dropsEarliest: true });
    return chance.pick([Math.max(3, Math.floor(most / 2)), most - 1]);
  }
  const changes = new Map<string, number>();
  storeLimits.changes = changes;
  Object.assign(unusual, { agelessRequests: true });
  const counted = (identity: Identity) => changes.get(identityKey(identity));
  Object.assign(storeWay, {
    windowMs: Number.POSITIVE_INFINITY,
    fence: (identity: Identity) => {
      const [before, signedAtMs] = [counted(identity), scheduler.nowMs];
      // Whoever still waits for an answer reads anew, and asks once more.
      return () => {
        const stands = counted(identity) === before || scheduler.nowMs - signedAtMs < ASKS_AGAIN_MS;
        if (!stands) reached.fenced += 1;
        return stands;
      };
    },
  });
  return undefined;
}

/** The copy of a key that is the oldest version may arrive when nobody waits for it any more, and the key may be removed by then. */
function copiesGoLate({ line, scheduler, storeLimits }: World, chance: Random): void {
  const lateMs = chance.pick([undefined, 20_000, 200_000, 800_000]);
  if (lateMs === undefined) return;
  storeLimits.copies = async (act) => {
    if (!chance.chance(0.5)) return act();
    void scheduler.point(network, lateMs).then(() => {
      line.note('network', 'the copy of a key arrives late');
      act();
    });
    throw new VendingError('STORE_UNAVAILABLE', 'No answer', { effect: 'unknown' });
  };
}

const ASKS_AGAIN_MS = 8_000;

/** Of a store that takes a request however old it is: some of what changes it arrives after every horizon, alone or once more. */
export function arrivesOld({ line, storeWay }: World, chance: Random): void {
  if (Number.isFinite(storeWay.windowMs)) return;
  const { plan } = line;
  line.plan = {
    at(who, step, call) {
      const isOld = changes.has(call) && call.startsWith('store.') && chance.chance(0.1);
      if (!isOld) return plan.at(who, step, call);
      return { kind: chance.pick(['late', 'twice'] as const), byMs: chance.pick([25, 45, 180]) * MINUTE };
    },
  };
}

/**
 * What some processes send by one call arrives when nobody waits for it any more.
 * @param lateMs undefined for what the plan says @param share of the processes
 */
export function lateCalls(
  late: string,
  plan: FaultPlan,
  chance: Random,
  lateMs: number | undefined,
  share: number,
): FaultPlan {
  const known = new Map<string, boolean>();
  return {
    at(who, step, call) {
      if (call !== late || lateMs === undefined) return plan.at(who, step, call);
      const isLate = known.get(who) ?? chance.chance(share);
      known.set(who, isLate);
      return isLate ? { kind: 'late', byMs: lateMs } : plan.at(who, step, call);
    },
  };
}
