// ECS's refusals. Source: its CreateKeyPair, ImportKeyPair, DescribeKeyPairs and DeleteKeyPairs pages, and the common errors.
import { common } from '../alibaba/alibaba-refusals.ts';
import { byCode } from '../refusals.ts';

export const refusals = byCode([
  ...common,
  ['INVALID_REQUEST', 'none', ['InvalidKeyPairName.Malformed', 'InvalidKeyPairNames.ValueNotSupported']],
  ['NAME_TAKEN', 'unknown', ['KeyPair.AlreadyExist']],
  // Tags may be written after the pair.
  ['TAGS_REFUSED', 'unknown', ['Duplicate.TagKey', 'InvalidTagKey.Malformed', 'InvalidTagValue.Malformed']],
  ['TAG_QUOTA_REACHED', 'unknown', ['QuotaExceed.Tags']],
  ['QUOTA_REACHED', 'none', ['QuotaExceed.KeyPair']],
  ['REGION_UNKNOWN', 'none', ['InvalidRegionId']],
  ['RESOURCE_GROUP_UNKNOWN', 'none', ['InvalidResourceGroup']],
  ['PUBLIC_KEY_REFUSED', 'none', ['InvalidPublicKeyBody.Malformed']],
  ['KEY_PAIR_ABSENT', 'none', ['InvalidKeyPair.NotFound']],
  ['KEY_PAIR_IN_USE', 'none', ['InvalidParameter.KeypairAlreadyAttachedInstance', 'InstanceKeyPairLimitExceeded']],
]);
