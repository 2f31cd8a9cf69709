// What the secret store keeps of ours. Where a stranger's secret has the name, nothing of ours is stored, and nothing is touched.
import { VendingError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { FoundPair } from '../providers/provider.ts';
import type { SecretStore, StoredSecret } from '../secrets/secret-store.ts';
import { parsePrivateKey } from '../ssh/private-key.ts';
import { ownSecretOf } from './own-secret.ts';
import type { Ports } from './ports.ts';
import type { Closing } from './record.ts';
import { evidenceOf } from './verify-key.ts';

export const findStoredKeys = (store: SecretStore, identity: Identity): Promise<StoredSecret | undefined> =>
  store.find(identity).catch(unlessTheirs);

/** @throws {VendingError} LEDGER_FENCED, and what the store said */
export async function removeStoredKey(
  { store, deployment }: Pick<Ports, 'store' | 'deployment'>,
  identity: Identity,
  versionId: string,
): Promise<void> {
  await deployment.assertHome();
  await store.remove(identity, versionId).catch(unlessTheirs);
}

/**
 * Whether the pair's key is stored under a version other than this one, or this one's has moved to a secret of its own. Such a pair was
 * acknowledged, perhaps after the ledger was put back to an earlier moment, so no settling deletes it.
 * @param closing attempts of which it is known that nobody was answered with them: what imports stores its key first
 */
export async function isStoredElsewhere(
  store: SecretStore,
  place: Identity,
  secret: StoredSecret | undefined,
  pair: FoundPair,
  versionId: string,
  closing: readonly Closing[] = [],
): Promise<boolean> {
  const known = [versionId, ...closing.map(({ attempt }) => attempt.id)];
  for (const { id } of secret?.versions ?? []) {
    const key = known.includes(id) ? undefined : await store.reveal(place, id);
    if (key !== undefined && evidenceOf(pair, parsePrivateKey(key)) === 'agrees') return true;
  }
  if (secret?.versions.some(({ id }) => id === versionId)) return false;
  return (await findStoredKeys(store, ownSecretOf(place, versionId))) !== undefined;
}

/**
 * Whether there are keys that settling may have to read, and this worker may not. Recovery may, and comes every minute; such a worker
 * takes no lease for it, so that it does not keep recovery away.
 */
export const isLeftToRecovery = ({ settings }: Pick<Ports, 'settings'>, secret: StoredSecret | undefined): boolean =>
  !settings.readsKeys && (secret?.versions.length ?? 0) > 0;

export function unlessTheirs(error: unknown): undefined {
  if (error instanceof VendingError && error.code === 'SECRET_NOT_OURS') return undefined;
  throw error;
}
