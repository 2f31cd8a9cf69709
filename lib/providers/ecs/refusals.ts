// What ECS refuses with. Source: its CreateKeyPair, ImportKeyPair, DescribeKeyPairs and DeleteKeyPairs pages, and the common errors.
import { common } from '../alibaba/alibaba-refusals.ts';
import { byCode } from '../refusals.ts';

export const refusals = byCode([
  ...common,
  ['InvalidKeyPairName.Malformed', 'INVALID_REQUEST', 'none'],
  ['InvalidKeyPairNames.ValueNotSupported', 'INVALID_REQUEST', 'none'],
  ['KeyPair.AlreadyExist', 'NAME_TAKEN', 'unknown'],
  // Tags may be written after the pair.
  ['Duplicate.TagKey', 'TAGS_REFUSED', 'unknown'],
  ['InvalidTagKey.Malformed', 'TAGS_REFUSED', 'unknown'],
  ['InvalidTagValue.Malformed', 'TAGS_REFUSED', 'unknown'],
  ['QuotaExceed.Tags', 'TAG_QUOTA_REACHED', 'unknown'],
  ['QuotaExceed.KeyPair', 'QUOTA_REACHED', 'none'],
  ['InvalidRegionId', 'REGION_UNKNOWN', 'none'],
  ['InvalidResourceGroup', 'RESOURCE_GROUP_UNKNOWN', 'none'],
  ['InvalidPublicKeyBody.Malformed', 'PUBLIC_KEY_REFUSED', 'none'],
  ['InvalidKeyPair.NotFound', 'KEY_PAIR_ABSENT', 'none'],
  ['InvalidParameter.KeypairAlreadyAttachedInstance', 'KEY_PAIR_IN_USE', 'none'],
  ['InstanceKeyPairLimitExceeded', 'KEY_PAIR_IN_USE', 'none'],
]);
