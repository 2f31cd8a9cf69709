// Tags and key of a secret that is there already: of an earlier request of the same name, or as it was before the deployment's own tags
// changed. No call of KMS puts a secret under another key. Source: TagResource; CreateSecret, EncryptionKeyId.
import { VendingError } from '../../errors.ts';
import { isById, isSameKey, type SecretTraits } from '../../secret-traits.ts';
import type { KmsScope } from './kms-lookup.ts';
import { type KmsSecret, ownOf } from './kms-secret.ts';

/** As many as TagResource takes at a time. */
const AT_ONCE = 10;

export const kmsTags = (tags: Iterable<readonly [string, string]>): string =>
  JSON.stringify([...tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue })));

/**
 * Adds the tags that it lacks, and none is taken off: whose another one is, nobody knows.
 * @param secret ours, and open
 * @returns false when it was deleted meanwhile
 * @throws {VendingError} STORE_REFUSED where a key is asked for, and what is yet to be stored there would have another one
 */
export async function giveTraits(
  { kms }: Pick<KmsScope, 'kms'>,
  secret: KmsSecret,
  { secretTags = {}, secretKey }: SecretTraits,
): Promise<boolean> {
  const isEmpty = secret.versions.every((version) => ownOf(version) === undefined);
  if (isEmpty && isOtherKey(secret.keyId, secretKey)) throw otherKey();
  const lacking = Object.entries(secretTags).filter(([tag, value]) => secret.tags.get(tag) !== value);
  for (let done = 0; done < lacking.length; done += AT_ONCE) {
    const Tags = kmsTags(lacking.slice(done, done + AT_ONCE));
    const answer = await kms.send(
      'TagResource',
      { SecretName: secret.name, Tags },
      'Forbidden.ResourceNotFound',
      'Rejected.ResourceInDeleteWindow',
    );
    if (typeof answer === 'string') return false;
  }
  return true;
}

/** An alias may lead to the very key, so it counts as no other one. */
const isOtherKey = (standing: string | undefined, wanted: string | undefined): boolean =>
  standing !== undefined && wanted !== undefined && isById(standing) && isById(wanted) && !isSameKey(standing, wanted);

const otherKey = () =>
  new VendingError(
    'STORE_REFUSED',
    'A secret of this name is there already, empty and under another key, which KMS does not change: it has to go first, or the name to be another one',
  );
