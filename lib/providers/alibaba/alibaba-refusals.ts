// Codes that ENS and ECS have in common. Source: "Common error codes", Alibaba Cloud OpenAPI.
import type { Row } from '../refusals.ts';

export const common: readonly Row[] = [
  ['INVALID_REQUEST', 'none', ['MissingParameter', 'InvalidParameter']],
  ['PERMISSION_DENIED', 'none', ['NoPermission', 'Forbidden']],
  [
    'CREDENTIALS_REFUSED',
    'none',
    [
      'Forbidden.AccessKeyDisabled',
      'SignatureDoesNotMatch',
      'IncompleteSignature',
      'InvalidAccessKeyId',
      'InvalidSecurityToken',
      'MissingSecurityToken',
    ],
  ],
  ['CLOCK_SKEWED', 'none', ['InvalidTimeStamp', 'IllegalTimestamp']],
  ['CLOUD_REFUSED', 'none', ['InvalidVersion', 'InvalidAction']],
  ['THROTTLED', 'none', ['Throttling']],
  // Our nonces do not repeat, so something on the way sent the request twice: the first copy may have been carried out.
  ['OUTCOME_UNKNOWN', 'unknown', ['SignatureNonceUsed', 'InternalError', 'ServiceUnavailable']],
];
