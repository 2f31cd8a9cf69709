// Which version readers get. Source: AWS Secrets Manager API Reference, UpdateSecretVersionStage.
import type { Identity } from '../../identity.ts';
import { unexplained } from './aws-calls.ts';
import { describeSecret, type SecretsScope } from './aws-lookup.ts';
import { takeOff } from './aws-remove.ts';
import { type AwsSecret, CURRENT, currentId, holderOf, isStored, PREVIOUS } from './aws-secret.ts';

/** See `SecretStore.makeCurrent`. */
export async function makeCurrent(
  scope: SecretsScope,
  identity: Identity,
  versionId: string,
  from: string | undefined,
): Promise<boolean> {
  const secret = await describeSecret(scope, identity);
  if (secret === undefined || !isStored(secret, versionId)) return false;
  const holder = currentId(secret);
  if (holder === versionId) {
    await forget(scope, identity, secret, holderOf(secret, PREVIOUS));
    return true;
  }
  // A removed version may still hold AWSCURRENT; to the caller, no version does.
  if ((holder !== undefined && isStored(secret, holder) ? holder : undefined) !== from) return false;
  const moved = await scope.manager.send(
    'UpdateSecretVersionStage',
    {
      SecretId: secret.arn,
      VersionStage: CURRENT,
      MoveToVersionId: versionId,
      ...(holder === undefined ? {} : { RemoveFromVersionId: holder }), // AWS refuses the move if another has it
    },
    'InvalidParameterException',
    'InvalidRequestException',
    'ResourceNotFoundException',
  );
  if (typeof moved !== 'string') {
    await forget(scope, identity, secret, holder);
    return true;
  }
  const now = await describeSecret(scope, identity); // a lost try of ours may have moved it
  if (now === undefined || now.deletionScheduled || currentId(now) !== holder) {
    return now !== undefined && isStored(now, versionId) && currentId(now) === versionId;
  }
  throw unexplained('UpdateSecretVersionStage', moved);
}

/** AWS puts AWSPREVIOUS on the version that AWSCURRENT leaves: a key that was removed would go on being read by that name. */
async function forget(
  scope: SecretsScope,
  identity: Identity,
  secret: AwsSecret,
  previous: string | undefined,
): Promise<void> {
  if (previous !== undefined && !isStored(secret, previous))
    await takeOff(scope, identity, secret.arn, PREVIOUS, previous);
}
