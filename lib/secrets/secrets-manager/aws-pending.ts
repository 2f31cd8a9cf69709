// The mark on a version that a rotation is bringing in. Source: AWS Secrets Manager API Reference, UpdateSecretVersionStage.
import type { Identity } from '../../identity.ts';
import { notStored } from '../secret-store.ts';
import { unexplained } from './aws-calls.ts';
import { describeSecret, type SecretsScope } from './aws-lookup.ts';
import { holderOf, isStored, PENDING } from './aws-secret.ts';

/** See `SecretStore.markPending`. */
export async function markPending(
  scope: SecretsScope,
  identity: Identity,
  versionId: string | undefined,
): Promise<void> {
  const secret = await describeSecret(scope, identity);
  if (versionId !== undefined && !(secret && isStored(secret, versionId))) throw notStored();
  const holder = secret && holderOf(secret, PENDING);
  if (secret === undefined || secret.deletionScheduled || holder === versionId) return;
  const moved = await scope.manager.send(
    'UpdateSecretVersionStage',
    { SecretId: secret.arn, VersionStage: PENDING, MoveToVersionId: versionId, RemoveFromVersionId: holder },
    'InvalidParameterException',
    'InvalidRequestException',
    'ResourceNotFoundException',
  );
  if (typeof moved !== 'string') return;
  const now = await describeSecret(scope, identity); // a lost try of ours may have moved it
  if (now === undefined || holderOf(now, PENDING) !== versionId) throw unexplained('UpdateSecretVersionStage', moved);
}
