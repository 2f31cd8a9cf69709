// Removing a version from KMS, which cannot delete one: the version loses its stages, and a secret in which nothing is stored any more is
// scheduled for deletion. Source: DeleteSecret, UpdateSecretVersionStage.
import type { Identity } from '../../identity.ts';
import { unexplained } from './kms-calls.ts';
import { describeSecret, type KmsScope } from './kms-lookup.ts';
import { type KmsSecret, ownOf, PENDING, versionOf } from './kms-secret.ts';
import { forget, moveStage } from './kms-stages.ts';

const isEmpty = ({ versions }: KmsSecret): boolean => versions.every((version) => ownOf(version) === undefined);

/**
 * See `SecretStore.remove`. ACSCurrent must be on some version and only activation moves it, so a current version keeps it when it is removed
 * and no longer counts as current; until another is made current, anyone who reads past this store still gets it. A version without stages
 * can be read by its id until it is the earliest of more than ten.
 */
export async function remove(scope: KmsScope, identity: Identity, id: string): Promise<void> {
  const secret = await describeSecret(scope, identity);
  if (secret === undefined || (secret.deletionScheduled && !(await broughtBack(scope, identity, secret)))) return;
  const open = secret.hidden ? await describeSecret(scope, identity) : secret;
  const version = open && versionOf(open, id);
  // Its own first: without it the version counts as removed, and the next removal makes good whatever fails after that.
  const own = version && ownOf(version)?.stage;
  if (own !== undefined) await takeOff(scope, identity, secret.name, own, version!.versionId);
  if (version?.stages.includes(PENDING)) await moveStage(scope, secret.name, PENDING, { from: version.versionId });
  const left = await describeSecret(scope, identity);
  if (left === undefined || left.deletionScheduled) return;
  await forget(scope, left);
  if (isEmpty(left)) await schedule(scope, identity, left.name);
}

async function takeOff(scope: KmsScope, identity: Identity, name: string, stage: string, from: string): Promise<void> {
  const refused = await moveStage(scope, name, stage, { from });
  const now = await describeSecret(scope, identity);
  const isLeft = now?.versions.some(({ versionId, stages }) => versionId === from && stages.includes(stage));
  if (isLeft && !now?.deletionScheduled)
    throw unexplained('UpdateSecretVersionStage', refused ?? 'Rejected.InvalidRequest');
}

/** Recoverable for the whole window. A version that arrived between our look and the deletion brings the secret back. */
async function schedule(scope: KmsScope, identity: Identity, name: string): Promise<void> {
  const deleted = await plan(scope, name);
  const now = await describeSecret(scope, identity);
  if (now === undefined) return;
  if (typeof deleted === 'string' && !now.deletionScheduled) throw unexplained('DeleteSecret', deleted);
  // What cannot be seen is looked for once nothing can arrive any more (restoreSecret).
  if (now.deletionScheduled && !now.hidden) await broughtBack(scope, identity, now);
}

/**
 * See `SecretStore.restoreSecret`. DeleteSecret knows no condition, and is carried out up to fifteen minutes after it was signed, so an earlier
 * try may take what was stored since then.
 */
export async function restoreSecret(scope: KmsScope, identity: Identity): Promise<void> {
  const secret = await describeSecret(scope, identity);
  if (secret?.deletionScheduled) await broughtBack(scope, identity, secret);
}

/** @returns whether there is something in it to be brought back for; where that is not shown, it is brought back to see, and goes again */
async function broughtBack(scope: KmsScope, identity: Identity, secret: KmsSecret): Promise<boolean> {
  if (!secret.hidden && isEmpty(secret)) return false;
  await scope.kms.send('RestoreSecret', { SecretName: secret.name }, 'Rejected.ResourceInUse');
  if (!secret.hidden) return true;
  const now = await describeSecret(scope, identity);
  if (now === undefined || !isEmpty(now)) return now !== undefined;
  await plan(scope, secret.name);
  return false;
}

const plan = ({ kms, recoveryWindowDays }: KmsScope, name: string) =>
  kms.send(
    'DeleteSecret',
    { SecretName: name, ForceDeleteWithoutRecovery: 'false', RecoveryWindowInDays: String(recoveryWindowDays) },
    'Rejected.ResourceInDeleteWindow',
    'Forbidden.ResourceNotFound',
  );
