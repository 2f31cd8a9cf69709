// Tags and key of a secret that is there already: of an earlier request of the same name, or as it was before the deployment's own tags
// changed. Source: AWS Secrets Manager API Reference, TagResource and UpdateSecret, which makes no version where it is given no value.
import { randomUUID } from 'node:crypto';
import { isSameKey, type SecretTags, type SecretTraits } from '../../secret-traits.ts';
import type { SecretsScope } from './aws-lookup.ts';
import { type AwsSecret, storedIds } from './aws-secret.ts';

/** The account's own key for secrets, which AWS leaves out of what it shows. */
const ACCOUNT_KEY = 'alias/aws/secretsmanager';

export const awsTags = (tags: SecretTags): readonly { readonly Key: string; readonly Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/**
 * Adds the tags that it lacks, and none is taken off: whose another one is, nobody knows. Versions that have a label of AWS's are encrypted
 * anew under another key where the caller may use that to encrypt; the others stay under the one that they have.
 * @param secret ours, and open
 * @returns false when it was deleted meanwhile
 */
export async function giveTraits(
  { manager, kmsKeyId: usual = ACCOUNT_KEY }: SecretsScope,
  secret: AwsSecret,
  { secretTags = {}, secretKey }: SecretTraits,
): Promise<boolean> {
  const SecretId = secret.arn;
  const lacking = Object.entries(secretTags).filter(([tag, value]) => secret.tags.get(tag) !== value);
  const Tags = awsTags(Object.fromEntries(lacking));
  if (Tags.length > 0 && isGone(await manager.send('TagResource', { SecretId, Tags }, ...gone))) return false;
  const isEmpty = storedIds({ ...secret, deletionScheduled: false }).length === 0;
  const KmsKeyId = secretKey ?? (isEmpty ? usual : undefined);
  if (KmsKeyId === undefined || isSameKey(secret.kmsKeyId ?? ACCOUNT_KEY, KmsKeyId)) return true;
  // The token is the one that AWS's own clients send; without a value it is no version's.
  const change = { SecretId, KmsKeyId, ClientRequestToken: randomUUID() };
  return !isGone(await manager.send('UpdateSecret', change, ...gone));
}

const gone = ['InvalidRequestException', 'ResourceNotFoundException'] as const;
const isGone = (answer: unknown): boolean => typeof answer === 'string';
