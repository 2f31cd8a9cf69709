// Storing a key in KMS: one secret per identity, one version per attempt. KMS keeps ten versions of a secret and deletes the earliest for each
// one more, with or without a stage: what there is, and what may still arrive, is counted before there is a key that could be one too many.
// Source: CreateSecret, PutSecretValue, RestoreSecret; "Manage generic secrets", limits.
import type { Deadline } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import type { Secret } from '../../secret.ts';
import type { SecretTraits } from '../../secret-traits.ts';
import { notStored, type StoredKey } from '../secret-store.ts';
import { unusable } from './kms-calls.ts';
import { describeSecret, type KmsScope, secretText, stagesIn } from './kms-lookup.ts';
import { nameOf, tagsOf } from './kms-name.ts';
import {
  CURRENT,
  currentId,
  holderOf,
  type KmsSecret,
  MOST_STAGES,
  ownOf,
  roomIn,
  stageOf,
  versionOf,
} from './kms-secret.ts';
import { moveStage } from './kms-stages.ts';
import { giveTraits, kmsTags } from './kms-traits.ts';

/** Others may delete and restore meanwhile. */
const ROUNDS = 5;
const MOST_PREPARED = 1_000;
const DESCRIPTION =
  'Private key of an SSH key pair, kept by keyvend. Versions are attempts; a stage keyvend-... is on each that counts.';
/** KMS makes no secret without a version, and gives it ACSCurrent: who asks before there is a key reads this. */
const NO_KEY = {
  VersionId: 'no-key',
  SecretData: 'No key is stored here yet. keyvend stores one when its key pair was made.',
};
/** ACSCurrent, ACSPrevious, and the one for a pending version. */
const OTHER_STAGES = 3;

export interface NewVersion {
  readonly id: string;
  readonly key: Secret;
  readonly keyPairId?: string | undefined;
  readonly traits?: SecretTraits | undefined;
}

/** See `SecretStore.prepare`. A put that follows is then one call, with nothing between getting a key and storing it. */
export async function prepare(
  scope: KmsScope,
  identity: Identity,
  mayArrive: number,
  traits: SecretTraits = {},
): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    await scope.kms.pause(round);
    const opened = await open(scope, identity, traits);
    if (opened === undefined) continue;
    if (opened !== 'new') {
      assertRoom(opened, mayArrive + 1);
      if (!(await giveTraits(scope, opened, traits))) continue;
    }
    if (scope.prepared.size >= MOST_PREPARED) scope.prepared.clear(); // for puts that never came; the next put looks for itself
    scope.prepared.set(nameOf(scope.prefix, identity), { isNew: opened === 'new' });
    return;
  }
  throw new VendingError('STORE_UNAVAILABLE', 'The secret was created, deleted or restored while it was prepared');
}

/** See `SecretStore.put`; the reference is the secret's name. */
export async function put(scope: KmsScope, identity: Identity, version: NewVersion): Promise<StoredKey> {
  const name = nameOf(scope.prefix, identity);
  const prepared = scope.prepared.get(name);
  scope.prepared.delete(name);
  const stored = prepared && (await keep(scope, name, version, prepared.isNew));
  if (stored !== undefined) return stored;
  for (let round = 0; round < ROUNDS; round += 1) {
    await scope.kms.pause(round);
    const opened = await open(scope, identity, version.traits);
    if (opened === undefined) continue;
    const standing = opened === 'new' ? undefined : versionOf(opened, version.id);
    if (standing !== undefined) return same(scope, name, standing.versionId, version);
    if (opened !== 'new') assertRoom(opened, 1);
    const later = await keep(scope, name, version, opened === 'new');
    if (later !== undefined) return later;
  }
  throw new VendingError(
    'STORE_UNAVAILABLE',
    'The secret was created, deleted or restored while a version was written',
    {
      effect: 'unknown',
    },
  );
}

/**
 * See `SecretStore.renew`. The stage that makes a version count moves to the copy with the call that stores it, so there is no moment at which
 * the key does not count.
 */
export async function renew(scope: KmsScope, identity: Identity, id: string, signBefore: Deadline): Promise<void> {
  const kms = scope.kms.signingBefore(signBefore);
  const secret = await describeSecret(scope, identity);
  const standing = secret && versionOf(secret, id);
  const text =
    standing && !secret.deletionScheduled ? await secretText(scope, secret.name, standing.versionId) : undefined;
  if (secret === undefined || standing === undefined || text === undefined) throw notStored();
  if (roomIn(secret) < 1) throw full();
  const versionId = nextCopy(secret, id);
  await kms.send('PutSecretValue', {
    ...{ SecretName: secret.name, VersionId: versionId, SecretData: text },
    VersionStages: JSON.stringify([ownOf(standing)!.stage]),
  });
  if (currentId(secret) === id)
    await moveStage({ kms }, secret.name, CURRENT, { from: holderOf(secret, CURRENT)?.versionId, to: versionId });
}

/** `<attempt>-2`, `-3`: never one that is there. One that was dropped held the same key. */
function nextCopy({ versions }: KmsSecret, id: string): string {
  const numbers = versions.map(({ versionId }) =>
    versionId.startsWith(`${id}-`) ? Number(versionId.slice(id.length + 1)) : 1,
  );
  return `${id}-${Math.max(...numbers) + 1}`;
}

/** @returns undefined when the caller should look again; no stored key is brought back with it */
async function open(
  scope: KmsScope,
  identity: Identity,
  { secretTags = {}, secretKey = scope.instanceKey }: SecretTraits = {},
): Promise<'new' | KmsSecret | undefined> {
  const { kms, prefix, deployment, instance } = scope;
  const made = await kms.send(
    'CreateSecret',
    {
      ...{ SecretName: nameOf(prefix, identity), ...NO_KEY, SecretType: 'Generic', Description: DESCRIPTION },
      ...{ DKMSInstanceId: instance, EncryptionKeyId: secretKey },
      Tags: kmsTags([...Object.entries(secretTags), ...tagsOf(deployment, identity)]),
    },
    'Rejected.ResourceExist',
    'Rejected.ResourceInDeleteWindow',
  );
  if (typeof made !== 'string') return 'new';
  const secret = await describeSecret(scope, identity);
  if (secret === undefined || !secret.deletionScheduled) return secret;
  const restored = await kms.send(
    'RestoreSecret',
    { SecretName: secret.name },
    'Rejected.ResourceInUse',
    'Forbidden.ResourceNotFound',
  );
  return typeof restored === 'string' || secret.hidden ? undefined : { ...secret, deletionScheduled: false };
}

/** @throws {VendingError} STORE_REFUSED */
function assertRoom(secret: KmsSecret, keys: number): void {
  const stages = secret.versions.filter((version) => ownOf(version) !== undefined).length + OTHER_STAGES;
  if (roomIn(secret) < keys || stages + keys > MOST_STAGES) throw full();
}

const full = () =>
  new VendingError(
    'STORE_REFUSED',
    'KMS keeps ten versions of a secret, and would delete a key that is stored for one more: a key that lingers has to go first',
  );

/**
 * @param isFirst nothing but the text that no key is stored is in the secret: readers get this version at once, which spares moving the stage. A
 * request of it that arrives late may take the stage back; whoever moves it looks again once that cannot be any more
 * @returns undefined when the caller should look again
 * @throws {VendingError} VERSION_TAKEN. KMS ignores a put of the same value and refuses one of another.
 */
async function keep(
  scope: KmsScope,
  name: string,
  { id, key, keyPairId }: NewVersion,
  isFirst: boolean,
): Promise<StoredKey | undefined> {
  const stage = stageOf(id, keyPairId);
  const put = await scope.kms.send(
    'PutSecretValue',
    {
      SecretName: name,
      VersionId: id,
      SecretData: key.reveal(),
      VersionStages: JSON.stringify([stage, ...(isFirst ? [CURRENT] : [])]),
    },
    'Rejected.ResourceExist',
    'Rejected.ResourceInDeleteWindow',
    'Forbidden.ResourceNotFound',
  );
  if (put === 'Rejected.ResourceExist') throw taken();
  if (typeof put === 'string') return undefined;
  const stages = stagesIn(put.VersionStages);
  if (put.VersionId !== id || stages === undefined) throw unusable('PutSecretValue');
  const stored = { reference: name, current: stages.includes(CURRENT) };
  if (ownOf({ stages }) !== undefined) return stored;
  // It was there, and without a stage: removed, and nothing was changed by the put.
  return (await moveStage(scope, name, stage, { to: id })) === undefined ? stored : undefined;
}

/** An attempt's key that is there, perhaps as a copy of an earlier version. */
async function same(scope: KmsScope, name: string, versionId: string, { key }: NewVersion): Promise<StoredKey> {
  const text = scope.readsKeys ? await secretText(scope, name, versionId) : key.reveal();
  if (text !== key.reveal()) throw taken();
  return { reference: name, current: false };
}

const taken = () => new VendingError('VERSION_TAKEN', 'Another key is stored under this version');
