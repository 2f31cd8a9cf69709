// Removing a version from AWS Secrets Manager, which cannot delete one: the version loses its labels, and a secret in which
// nothing is stored any more is scheduled for deletion. Source: API Reference, DeleteSecret and UpdateSecretVersionStage.
import type { Identity } from '../../identity.ts';
import { unexplained } from './aws-calls.ts';
import { describeSecret, type SecretsScope } from './aws-lookup.ts';
import { AWAITED, type AwsSecret, ownLabel, PENDING, PREVIOUS, storedIds } from './aws-secret.ts';

/** What a removed version loses besides its own label. AWSPENDING as well: RotateSecret refuses to start while it is there. */
const marks = [PREVIOUS, PENDING, AWAITED];

/**
 * See `SecretStore.remove`. AWSCURRENT must be on some version and only activation moves it, so a current version keeps it when
 * it is removed and no longer counts as current; until another is made current, anyone who reads past this store still gets it.
 * A version without labels can be read by its id until AWS clears it away (beyond 100 versions, and after 24 hours).
 */
export async function remove(scope: SecretsScope, identity: Identity, versionId: string): Promise<void> {
  const secret = await describeSecret(scope, identity);
  if (secret === undefined || (secret.deletionScheduled && !(await broughtBack(scope, secret)))) return;
  const labels = secret.labels.get(versionId) ?? [];
  // Its own first: without it the version counts as removed, and the next removal makes good whatever fails after that.
  const own = ownLabel(labels, versionId);
  for (const stage of [...(own === undefined ? [] : [own]), ...marks.filter((mark) => labels.includes(mark))]) {
    await takeOff(scope, identity, secret.arn, stage, versionId);
  }
  const left = await describeSecret(scope, identity);
  if (left !== undefined && !left.deletionScheduled && storedIds(left).length === 0)
    await schedule(scope, identity, left.arn);
}

/** Takes a label off a version; one that has moved on by itself is left where it is. */
export async function takeOff(
  scope: SecretsScope,
  identity: Identity,
  arn: string,
  stage: string,
  versionId: string,
): Promise<void> {
  const taken = await scope.manager.send(
    'UpdateSecretVersionStage',
    { SecretId: arn, VersionStage: stage, RemoveFromVersionId: versionId },
    'InvalidParameterException',
    'InvalidRequestException',
    'ResourceNotFoundException',
  );
  if (typeof taken !== 'string' || marks.includes(stage)) return; // those may have moved on
  const now = await describeSecret(scope, identity);
  if (now?.labels.get(versionId)?.includes(stage) && !now.deletionScheduled)
    throw unexplained('UpdateSecretVersionStage', taken);
}

/** Recoverable for the whole window. A version that arrived between our look and the deletion brings the secret back. */
async function schedule(scope: SecretsScope, identity: Identity, arn: string): Promise<void> {
  const { manager, recoveryWindowDays } = scope;
  const deleted = await manager.send(
    'DeleteSecret',
    { SecretId: arn, RecoveryWindowInDays: recoveryWindowDays },
    'InvalidRequestException',
    'ResourceNotFoundException',
  );
  const now = await describeSecret(scope, identity);
  if (now?.arn !== arn) return;
  if (typeof deleted === 'string' && !now.deletionScheduled) throw unexplained('DeleteSecret', deleted);
  await broughtBack(scope, now);
}

/**
 * See `SecretStore.restoreSecret`. DeleteSecret knows no condition, and is carried out up to five minutes after it was signed, so an earlier try may
 * take what was stored since then.
 */
export async function restoreSecret(scope: SecretsScope, identity: Identity): Promise<void> {
  const secret = await describeSecret(scope, identity);
  if (secret?.deletionScheduled) await broughtBack(scope, secret);
}

/** @returns whether there is something in it to be brought back for */
async function broughtBack({ manager }: SecretsScope, secret: AwsSecret): Promise<boolean> {
  if (storedIds({ ...secret, deletionScheduled: false }).length === 0) return false;
  await manager.send('RestoreSecret', { SecretId: secret.arn });
  return true;
}
