// Which instances have a pair, as far as the cloud tells.
import type { UsedPair } from '../../providers/fleet.ts';
import type { Version } from '../attempt.ts';
import { pairsOf } from '../own-name/slot.ts';
import type { KeyPairRecord } from '../record.ts';
import type { Held } from './outgoing-record.ts';
import type { Purger } from './purge-version.ts';

/** So many are named; of the rest, how many there are. */
const NAMED = 20;

type Holders = Pick<Held, 'instances' | 'count'>;

/**
 * What has any pair of a version.
 * @returns nothing where the cloud cannot be asked, or says that there is none: images have pairs as well, and no call lists those
 */
export const holdersOf = (lease: Purger & { readonly record: KeyPairRecord }, version: Version): Promise<Holders> =>
  holdersOfPair(lease, ...pairsOf(lease.record, version));

export async function holdersOfPair(
  { ports, identity, until }: Purger,
  ...pairs: readonly UsedPair[]
): Promise<Holders> {
  const call = { timeoutMs: ports.settings.callTimeoutMs, signBefore: until };
  // That it is held is known; by what, helps a person.
  const found = await Promise.resolve()
    .then(async () => {
      const fleet = await ports.fleetFor?.(identity);
      return fleet && (await Promise.all(pairs.map((pair) => fleet.holders(pair, call)))).flat();
    })
    .catch(() => undefined);
  if (found === undefined || found.length === 0) return {};
  return { instances: found.slice(0, NAMED).map(({ id }) => id), count: found.length };
}
