// A secret of its own for one key: where a store keeps few versions of a secret, a key that lingers moves there from the secret that it
// shares with the other versions of its key pair (rotation/move-key.ts). This says what it is called, and where a key is.
import type { Identity } from '../identity.ts';
import type { Secret } from '../secret.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import type { KeyPairRecord } from './record.ts';

/** No provider permits it in a name, and every store can spell it. What is stored there begins with the key pair's own name. */
const SEPARATOR = '@';

export const ownSecretOf = (identity: Identity, versionId: string): Identity => ({
  ...identity,
  name: `${identity.name}${SEPARATOR}${versionId}`,
});

/** Whose a secret is: the key pair's, and of which version alone where it is one's own. */
export function ownerOf(stored: Identity): { readonly owner: Identity; readonly versionId?: string } {
  const [name, versionId] = stored.name.split(SEPARATOR) as [string, string?];
  return versionId === undefined ? { owner: stored } : { owner: { ...stored, name }, versionId };
}

type Placed = Pick<KeyPairRecord, 'identity' | 'outgoing'>;

const moveOf = ({ outgoing }: Pick<KeyPairRecord, 'outgoing'>, id: string) =>
  outgoing?.pairs.find(({ versionId }) => versionId === id)?.ownSecret;

/** Until it was read back from there, the shared one counts. */
const isInOwn = (record: Pick<KeyPairRecord, 'outgoing'>, versionId: string): boolean => {
  const { state = 'moving' } = moveOf(record, versionId) ?? {};
  return state !== 'moving';
};

/** The versions that the shared secret may have. */
export const sharing = <R extends Pick<KeyPairRecord, 'versions' | 'outgoing'>>(record: R): R['versions'] =>
  record.versions.filter(({ id }) => moveOf(record, id)?.state !== 'moved');

/** Where a version's key is, or may be beside that. */
export const placesOf = (record: Placed, versionId: string): readonly Identity[] =>
  moveOf(record, versionId) === undefined
    ? [record.identity]
    : [record.identity, ownSecretOf(record.identity, versionId)];

/** A version's key, wherever it is. It may have moved since the record was read. */
export async function revealKey(store: SecretStore, record: Placed, versionId: string): Promise<Secret | undefined> {
  const own = ownSecretOf(record.identity, versionId);
  if (isInOwn(record, versionId)) return store.reveal(own, versionId);
  return (await store.reveal(record.identity, versionId)) ?? (await store.reveal(own, versionId));
}

/** Before this, in wall-clock milliseconds, what was signed to move a key may still arrive and store it once more. */
export const movedByMs = (record: Pick<KeyPairRecord, 'outgoing'>, versionId: string): number =>
  moveOf(record, versionId)?.landsByMs ?? 0;
