// Whether the ledger can be what it should be: the one that this deployment's key pairs are on record in.
import { type Place, placeKey } from '../identity.ts';
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

/** Asks the ledger once for each secret that there is. */
export async function lookAtLedger({
  deployment,
  ledger,
  store,
}: Pick<Ports, 'deployment' | 'ledger' | 'store'>): Promise<LedgerLook> {
  const { tag, earlier, isHome } = await deployment.look();
  const places = new Map<string, Place>();
  let unrecordedSecrets = 0;
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const page = await store.list(cursor);
    for (const { identity, versions } of page.secrets) {
      if (versions.length === 0 || (await ledger.read(ownerOf(identity).owner)) !== undefined) continue;
      const { name: _, ...place } = identity;
      unrecordedSecrets += 1;
      places.set(placeKey(place), place);
    }
    cursor = page.cursor;
  }
  return { deployment: tag, earlier, fenced: !isHome, unrecordedSecrets, places: [...places.values()] };
}
