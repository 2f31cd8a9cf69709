// CVM's refusals. Source: its CreateKeyPair, ImportKeyPair, DescribeKeyPairs and DeleteKeyPairs pages, and the common errors.
import { byCode } from '../refusals.ts';

export const refusals = byCode([
  [
    'INVALID_REQUEST',
    'none',
    [
      'MissingParameter',
      'InvalidParameter',
      'InvalidParameterValue',
      'InvalidParameterValueLimit',
      'InvalidParameterValueOffset',
      'UnknownParameter',
      'InvalidFilter',
      'InvalidFilterValue',
      'InvalidKeyPairNameEmpty',
      'InvalidKeyPairNameTooLong',
      'InvalidKeyPairNameIncludeIllegalChar',
      'InvalidKeyPairId.Malformed',
      'RequestSizeLimitExceeded',
    ],
  ],
  ['KEY_PAIR_ABSENT', 'none', ['InvalidKeyPairId.NotFound']],
  ['NAME_TAKEN', 'unknown', ['InvalidKeyPairName.Duplicate']],
  ['PROJECT_UNKNOWN', 'none', ['InvalidProjectId.NotFound']],
  ['QUOTA_REACHED', 'none', ['InvalidKeyPair.LimitExceeded']],
  ['TAGS_REFUSED', 'unknown', ['FailedOperation.TagKeyReserved']],
  ['TAG_QUOTA_REACHED', 'unknown', ['LimitExceeded.TagResourceQuota']],
  ['PUBLIC_KEY_REFUSED', 'none', ['InvalidPublicKey.Malformed']],
  // The same key material under any name: it may be there because an earlier answer was lost.
  ['PUBLIC_KEY_REFUSED', 'unknown', ['InvalidPublicKey.Duplicate']],
  // By an instance; by an image, which is on no page.
  ['KEY_PAIR_IN_USE', 'none', ['InvalidParameterValue.KeyPairNotSupported', 'InvalidKeyPair.NotSupported']],
  ['REGION_UNKNOWN', 'none', ['UnsupportedRegion']],
  ['CLOCK_SKEWED', 'none', ['AuthFailure.SignatureExpire']],
  ['PERMISSION_DENIED', 'none', ['AuthFailure.UnauthorizedOperation', 'UnauthorizedOperation']],
  ['CREDENTIALS_REFUSED', 'none', ['AuthFailure', 'UnauthorizedOperation.InvalidToken']],
  ['THROTTLED', 'none', ['RequestLimitExceeded']],
  [
    'CLOUD_REFUSED',
    'none',
    ['InvalidAction', 'ActionOffline', 'NoSuchVersion', 'NoSuchProduct', 'UnsupportedProtocol', 'DryRunOperation'],
  ],
  [
    'OUTCOME_UNKNOWN',
    'unknown',
    ['InternalServerError', 'InternalError', 'ServiceUnavailable', 'ResponseSizeLimitExceeded'],
  ],
]);
