// Where one deployment's secrets are in AWS Secrets Manager, and whether they are its own.
import type { Clock } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import { type SecretsManager, unexplained, unusable } from './aws-calls.ts';
import { nameOf } from './aws-name.ts';
import { type AwsSecret, awsSecret, isOurs, labelOf, ownLabel } from './aws-secret.ts';

export interface SecretsScope {
  readonly manager: SecretsManager;
  readonly clock: Clock;
  readonly deployment: string;
  readonly prefix: string;
  readonly kmsKeyId?: string;
  readonly recoveryWindowDays: number;
  /** Whether a put may read what it finds; otherwise it takes AWS's word for whether that is the same key. */
  readonly readsKeys: boolean;
  /** Secrets that were just made or found to be ours and open, by name; each serves one put. */
  readonly prepared: Map<
    string,
    { readonly arn: string; readonly awaited?: string | undefined; readonly isNew?: true }
  >;
}

/**
 * The identity's secret, even when its deletion is scheduled. Looked up by name; every other call goes to the ARN found here,
 * which belongs to this secret alone, even if it is deleted and another takes its name.
 * @returns undefined when there is none
 * @throws {VendingError} SECRET_NOT_OURS when somebody else made it; nothing is written before this was checked
 */
export async function describeSecret(
  { manager, prefix, deployment }: SecretsScope,
  identity: Identity,
): Promise<AwsSecret | undefined> {
  const name = nameOf(prefix, identity);
  const shown = await manager.send('DescribeSecret', { SecretId: name }, 'ResourceNotFoundException');
  if (shown === 'ResourceNotFoundException') return undefined;
  const secret = awsSecret(shown);
  if (secret === undefined) throw unusable('DescribeSecret');
  if (secret.name !== name || !isOurs(secret, deployment, identity)) {
    throw new VendingError('SECRET_NOT_OURS', 'A secret of that name exists that this deployment did not make');
  }
  return secret;
}

/**
 * Gives a version the label that makes it count as stored.
 * @returns false when the secret is gone or its deletion is scheduled by now
 */
export async function labelVersion(
  scope: SecretsScope,
  identity: Identity,
  arn: string,
  versionId: string,
): Promise<boolean> {
  const own = labelOf(versionId);
  const moved = await scope.manager.send(
    'UpdateSecretVersionStage',
    { SecretId: arn, VersionStage: own, MoveToVersionId: versionId },
    'InvalidParameterException',
    'InvalidRequestException',
    'ResourceNotFoundException',
  );
  if (moved === 'InvalidRequestException' || moved === 'ResourceNotFoundException') return false;
  if (moved !== 'InvalidParameterException') return true;
  // AWS refuses a label that is there already, even when a lost try of ours put it there.
  if (ownLabel((await describeSecret(scope, identity))?.labels.get(versionId), versionId) !== undefined) return true;
  throw unexplained('UpdateSecretVersionStage', moved);
}

/** The text of a version, labelled or not; undefined when there is no such version or the secret cannot be read now. */
export async function secretText(
  { manager }: SecretsScope,
  arn: string,
  versionId: string,
): Promise<string | undefined> {
  const input = { SecretId: arn, VersionId: versionId };
  const value = await manager.send('GetSecretValue', input, 'ResourceNotFoundException', 'InvalidRequestException');
  if (typeof value === 'string') return undefined;
  if (typeof value.SecretString !== 'string' || value.VersionId !== versionId) throw unusable('GetSecretValue');
  return value.SecretString;
}
