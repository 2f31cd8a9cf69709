// Moving a stage from one version to another. Whether KMS refuses a move from a version that has it no more is on no page, so what came of it
// is read back. Source: UpdateSecretVersionStage.
import type { Identity } from '../../identity.ts';
import { notStored } from '../secret-store.ts';
import { type Expected, unexplained } from './kms-calls.ts';
import { describeSecret, type KmsScope } from './kms-lookup.ts';
import { CURRENT, currentId, holderOf, type KmsSecret, ownOf, PENDING, PREVIOUS, versionOf } from './kms-secret.ts';

/** @returns the refusal, where it is one that says that something has changed */
export async function moveStage(
  { kms }: Pick<KmsScope, 'kms'>,
  name: string,
  stage: string,
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
): Promise<Expected | undefined> {
  const moved = await kms.send(
    'UpdateSecretVersionStage',
    {
      ...{ SecretName: name, VersionStage: stage },
      ...(from !== undefined && from !== to && { RemoveFromVersion: from }),
      ...(to !== undefined && { MoveToVersion: to }),
    },
    'Rejected.InvalidRequest',
    'Rejected.UnsupportedOperation',
    'InvalidParameter',
    'Forbidden.ResourceNotFound',
    'Rejected.ResourceInDeleteWindow',
  );
  return typeof moved === 'string' ? moved : undefined;
}

/** See `SecretStore.makeCurrent`. */
export async function makeCurrent(
  scope: KmsScope,
  identity: Identity,
  id: string,
  from: string | undefined,
): Promise<boolean> {
  const secret = await describeSecret(scope, identity);
  const version = secret && versionOf(secret, id);
  if (secret === undefined || version === undefined || secret.deletionScheduled) return false;
  const holder = holderOf(secret, CURRENT);
  if (holder?.versionId === version.versionId) {
    await forget(scope, secret);
    return true;
  }
  // A removed version, or the one that no key is in, may hold ACSCurrent; to the caller, no version does.
  if (currentId(secret) !== from) return false;
  const to = version.versionId;
  const refused = await moveStage(scope, secret.name, CURRENT, { from: holder?.versionId, to });
  const now = await describeSecret(scope, identity); // a lost try of ours may have moved it, or somebody else since
  if (now === undefined || now.deletionScheduled) return false;
  if (currentId(now) === id) {
    await forget(scope, now);
    return true;
  }
  if (refused !== undefined && holderOf(now, CURRENT)?.versionId === holder?.versionId)
    throw unexplained('UpdateSecretVersionStage', refused);
  return false;
}

/**
 * KMS puts ACSPrevious on the version that ACSCurrent leaves: a key that was removed would go on being read by that name. The stage cannot be
 * taken off, so it goes where readers are sent to anyway.
 */
export async function forget(scope: KmsScope, secret: KmsSecret): Promise<void> {
  const [previous, current] = [holderOf(secret, PREVIOUS), holderOf(secret, CURRENT)];
  if (previous === undefined || current === undefined || ownOf(previous) !== undefined || previous === current) return;
  if (ownOf(current) === undefined) return;
  await moveStage(scope, secret.name, PREVIOUS, { from: previous.versionId, to: current.versionId });
}

/** See `SecretStore.markPending`. */
export async function markPending(scope: KmsScope, identity: Identity, id: string | undefined): Promise<void> {
  const secret = await describeSecret(scope, identity);
  const version = secret && id !== undefined ? versionOf(secret, id) : undefined;
  if (id !== undefined && (version === undefined || secret?.deletionScheduled)) throw notStored();
  const holder = secret && holderOf(secret, PENDING);
  if (secret === undefined || secret.deletionScheduled || holder?.versionId === version?.versionId) return;
  const refused = await moveStage(scope, secret.name, PENDING, { from: holder?.versionId, to: version?.versionId });
  if (refused === undefined) return;
  const now = await describeSecret(scope, identity); // a lost try of ours may have moved it
  if (now === undefined || holderOf(now, PENDING)?.versionId !== version?.versionId)
    throw unexplained('UpdateSecretVersionStage', refused);
}
