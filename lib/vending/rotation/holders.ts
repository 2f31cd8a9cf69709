// Which instances have a pair, as far as the cloud tells.
import type { Version } from '../attempt.ts';
import type { Held } from './outgoing-record.ts';
import type { Purger } from './purge-version.ts';

/** So many are named; of the rest, how many there are. */
const NAMED = 20;

/** @returns nothing where the cloud cannot be asked, or says that there is none: images have pairs as well, and no call lists those */
export async function holdersOf(
  { ports, identity, until }: Purger,
  version: Pick<Version, 'keyPairId' | 'upstreamName'>,
): Promise<Pick<Held, 'instances' | 'count'>> {
  const pair = { region: identity.region, name: version.upstreamName ?? identity.name, id: version.keyPairId };
  const call = { timeoutMs: ports.settings.callTimeoutMs, signBefore: until };
  // That it is held is known; by what, helps a person.
  const found = await Promise.resolve()
    .then(async () => (await ports.fleetFor?.(identity))?.holders(pair, call))
    .catch(() => undefined);
  if (found === undefined || found.length === 0) return {};
  return { instances: found.slice(0, NAMED).map(({ id }) => id), count: found.length };
}
