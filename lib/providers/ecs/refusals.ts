// What ECS refuses with. Source: its CreateKeyPair, ImportKeyPair, DescribeKeyPairs and DeleteKeyPairs pages, and the common errors.
import { common } from '../alibaba/alibaba-refusals.ts';
import { byCode } from '../refusals.ts';

export const refusals = byCode([
  ...common,
  ['InvalidKeyPairName.Malformed', 'INVALID_REQUEST', 'never'],
  ['InvalidKeyPairNames.ValueNotSupported', 'INVALID_REQUEST', 'never'],
  ['KeyPair.AlreadyExist', 'NAME_TAKEN', 'unknown'],
  // Tags may be written after the pair.
  ['Duplicate.TagKey', 'TAGS_REFUSED', 'unknown'],
  ['InvalidTagKey.Malformed', 'TAGS_REFUSED', 'unknown'],
  ['InvalidTagValue.Malformed', 'TAGS_REFUSED', 'unknown'],
  ['QuotaExceed.Tags', 'TAG_QUOTA_REACHED', 'unknown'],
  ['QuotaExceed.KeyPair', 'QUOTA_REACHED', 'never'],
  ['InvalidRegionId', 'REGION_UNKNOWN', 'never'],
  ['InvalidResourceGroup', 'RESOURCE_GROUP_UNKNOWN', 'never'],
  ['InvalidPublicKeyBody.Malformed', 'PUBLIC_KEY_REFUSED', 'never'],
  ['InvalidKeyPair.NotFound', 'KEY_PAIR_ABSENT', 'never'],
  ['InvalidParameter.KeypairAlreadyAttachedInstance', 'KEY_PAIR_IN_USE', 'never'],
  ['InstanceKeyPairLimitExceeded', 'KEY_PAIR_IN_USE', 'never'],
]);
