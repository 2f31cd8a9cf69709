// All that the secret store has of this deployment's, listed once: whoever compares many places needs it for each of them.

import { type Place, placeKey } from '../identity.ts';
import { pagesOf } from '../pages.ts';
import type { SecretStore, StoredSecret } from '../secrets/secret-store.ts';
import { ownerOf } from './own-secret.ts';

/** Secrets by the place of their owners (`placeKey`). Not the keys: their names and versions, some 1 KB each. */
export type ListedSecrets = ReadonlyMap<string, readonly StoredSecret[]>;

export async function listedSecrets(store: Pick<SecretStore, 'list'>): Promise<ListedSecrets> {
  const listed = new Map<string, StoredSecret[]>();
  for await (const { secrets } of pagesOf(({ cursor }) => store.list(cursor))) {
    for (const secret of secrets) {
      const key = placeKey(ownerOf(secret.identity).owner);
      const there = listed.get(key);
      if (there === undefined) listed.set(key, [secret]);
      else there.push(secret);
    }
  }
  return listed;
}

export const secretsIn = (listed: ListedSecrets, place: Place): readonly StoredSecret[] =>
  listed.get(placeKey(place)) ?? [];
