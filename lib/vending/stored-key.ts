// Our keys in the secret store. Where a stranger's secret has the name, nothing of ours is stored, and nothing is touched.
import { VendingError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { SecretStore, StoredSecret } from '../secrets/secret-store.ts';

export const findStoredKeys = (store: SecretStore, identity: Identity): Promise<StoredSecret | undefined> =>
  store.find(identity).catch(unlessTheirs);

export const removeStoredKey = (store: SecretStore, identity: Identity, versionId: string): Promise<void> =>
  store.remove(identity, versionId).catch(unlessTheirs);

function unlessTheirs(error: unknown): undefined {
  if (error instanceof VendingError && error.code === 'SECRET_NOT_OURS') return undefined;
  throw error;
}
