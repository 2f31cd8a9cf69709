// Whether the ledger can be what it should be: the one that this deployment's key pairs are on record in.

import { identityKey, type Place, placeKey } from '../identity.ts';
import { type ListedSecrets, listedSecrets } from './listed-secrets.ts';
import { liveRecords } from './live-records.ts';
import { ownerOf } from './own-secret.ts';
import type { Ports } from './ports.ts';

export interface LedgerLook {
  /** The deployment's id; what the tag says on pairs that are made now. */
  readonly deployment: string;
  readonly earlier: readonly string[];
  /** It was restored or copied, and nobody has confirmed it: nothing is made, deleted, edited or purged by it. */
  readonly fenced: boolean;
  /** How many secrets of the deployment's name belong to no record. */
  readonly unrecordedSecrets: number;
  /** Where those are: places that the ledger may not know of. */
  readonly places: readonly Place[];
}

/** Pages through what is live in the ledger once, however many secrets there are. @param listed what `listedSecrets` gave, where it is at hand */
export async function lookAtLedger(
  { deployment, ledger, store }: Pick<Ports, 'deployment' | 'ledger' | 'store'>,
  listed?: ListedSecrets,
): Promise<LedgerLook> {
  const { tag, earlier, isHome } = await deployment.look();
  const secrets = listed ?? (await listedSecrets(store));
  const recorded = await recordedIn(ledger);
  const places = new Map<string, Place>();
  let unrecordedSecrets = 0;
  for (const { identity, versions } of [...secrets.values()].flat()) {
    const { owner } = ownerOf(identity);
    if (versions.length === 0 || recorded.has(identityKey(owner))) continue;
    // Vended since the ledger was read, or vacant.
    if ((await ledger.read(owner)) !== undefined) continue;
    const { name: _, ...place } = owner;
    unrecordedSecrets += 1;
    places.set(placeKey(place), place);
  }
  return { deployment: tag, earlier, fenced: !isHome, unrecordedSecrets, places: [...places.values()] };
}

async function recordedIn(ledger: Ports['ledger']): Promise<ReadonlySet<string>> {
  const recorded = new Set<string>();
  for await (const { identity } of liveRecords(ledger)) recorded.add(identityKey(identity));
  return recorded;
}
