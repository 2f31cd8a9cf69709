// What names an old pair without being a machine: launch templates and scaling configurations fail to launch once it is gone, and
// no cloud warns of that. So it is looked for while there is time, and told.
import type { Fleet, Reference, UsedPair } from '../../providers/fleet.ts';
import type { CallLimits } from '../../transport/wire.ts';
import type { Version } from '../attempt.ts';
import { pairsOf } from '../own-name/slot.ts';
import type { KeyPairRecord } from '../record.ts';
import type { Purger } from './purge-version.ts';
import type { KnownReference, References } from './references-record.ts';

const NAMED = 20;

/** @returns undefined where nothing may be asked of the cloud */
export async function referencesTo(
  { ports, identity, record, until }: Purger & { readonly record: KeyPairRecord },
  version: Version,
): Promise<References | undefined> {
  const fleet = await ports.fleetFor?.(identity).catch(() => undefined);
  if (fleet === undefined) return undefined;
  const call = { timeoutMs: ports.settings.callTimeoutMs, signBefore: until };
  const seen = await Promise.all(pairsOf(record, version).map((pair) => allReferences(fleet, pair, call)));
  const found = seen.flatMap((one) => one.found);
  const unseen = [...new Set(seen.flatMap((one) => one.unseen))];
  return {
    seenAtMs: ports.clock.wallMs(),
    found: found.slice(0, NAMED).map(({ region: _, ...known }): KnownReference => known),
    count: found.length,
    ...(unseen.length > 0 && { unseen }),
  };
}

/** One kind at a time: the rights to read another may be missing. */
export async function allReferences(
  fleet: Fleet,
  pair: UsedPair,
  call: CallLimits,
): Promise<{ readonly found: readonly Reference[]; readonly unseen: readonly Reference['kind'][] }> {
  const found: Reference[] = [];
  const unseen: Reference['kind'][] = [];
  for (const kind of fleet.referenceKinds) {
    const seen = await fleet.references(pair, call, [kind]).catch(() => undefined);
    if (seen === undefined) unseen.push(kind);
    else found.push(...seen);
  }
  return { found, unseen };
}
