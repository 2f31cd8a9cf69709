// A secret that AWS Secrets Manager is rotating by a schedule of its own: whose it is, and where its rotation stands.
// Source: AWS Secrets Manager API Reference, DescribeSecret; the conditions are those of AWS's own rotation templates.
import type { AwsOptions } from '../../aws/call.ts';
import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import { secretsManager, unusable } from './aws-calls.ts';
import { identityNamed, PREFIX } from './aws-name.ts';
import { AWAITED, awsSecret, CURRENT, isOurs, ownLabel } from './aws-secret.ts';

export interface Rotating {
  readonly identity: Identity;
  /** The new version is the one that readers get already. */
  readonly done: boolean;
  /** A key of ours is stored in the new version. */
  readonly filled: boolean;
  /** AWS has its own label on the new version. Whether that stays when the version is filled, AWS does not say. */
  readonly awaited: boolean;
}

export interface RotatingOptions extends AwsOptions {
  readonly deployment: string;
  /** Default `keyvend/`. */
  readonly namePrefix?: string;
}

/**
 * @param arn the secret's @param versionId the one that the new version is to have, from AWS
 * @throws {VendingError} SECRET_NOT_OURS unless name and tags say that this deployment keeps a key pair's keys there;
 * STORE_REFUSED when AWS is not rotating it to this version, as far as the secret shows that
 */
export async function rotating(options: RotatingOptions, arn: string, versionId: string): Promise<Rotating> {
  const { deployment, namePrefix = PREFIX } = options;
  const shown = await secretsManager(options).send('DescribeSecret', { SecretId: arn });
  const secret = awsSecret(shown);
  if (secret === undefined) throw unusable('DescribeSecret');
  const identity = identityNamed(namePrefix, secret.name);
  if (secret.arn !== arn || identity === undefined || !isOurs(secret, deployment, identity)) {
    throw new VendingError('SECRET_NOT_OURS', 'This deployment stores no key pair in that secret');
  }
  const stages = secret.labels.get(versionId);
  if (shown.RotationEnabled !== true || secret.deletionScheduled)
    throw refused('Rotation is not enabled for the secret');
  if (stages === undefined) throw refused('The secret has no such version');
  const [filled, awaited] = [ownLabel(stages, versionId) !== undefined, stages.includes(AWAITED)];
  if (stages.includes(CURRENT)) return { identity, done: true, filled, awaited };
  if (!awaited && !filled) throw refused('The version is not the pending one');
  return { identity, done: false, filled, awaited };
}

const refused = (why: string) => new VendingError('STORE_REFUSED', why);
