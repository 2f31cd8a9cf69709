// Codes that ENS and ECS have in common. Source: "Common error codes", Alibaba Cloud OpenAPI.
import type { Row } from '../refusals.ts';

export const common: readonly Row[] = [
  ['MissingParameter', 'INVALID_REQUEST', 'never'],
  ['InvalidParameter', 'INVALID_REQUEST', 'never'],
  ['NoPermission', 'PERMISSION_DENIED', 'never'],
  ['Forbidden', 'PERMISSION_DENIED', 'never'],
  ['Forbidden.AccessKeyDisabled', 'CREDENTIALS_REFUSED', 'never'],
  ['SignatureDoesNotMatch', 'CREDENTIALS_REFUSED', 'never'],
  ['IncompleteSignature', 'CREDENTIALS_REFUSED', 'never'],
  ['InvalidAccessKeyId', 'CREDENTIALS_REFUSED', 'never'],
  ['InvalidSecurityToken', 'CREDENTIALS_REFUSED', 'never'],
  ['MissingSecurityToken', 'CREDENTIALS_REFUSED', 'never'],
  ['InvalidTimeStamp', 'CLOCK_SKEWED', 'never'],
  ['IllegalTimestamp', 'CLOCK_SKEWED', 'never'],
  ['InvalidVersion', 'CLOUD_REFUSED', 'never'],
  ['InvalidAction', 'CLOUD_REFUSED', 'never'],
  // Our nonces do not repeat, so something on the way sent the request twice: the first copy may have been carried out.
  ['SignatureNonceUsed', 'OUTCOME_UNKNOWN', 'unknown'],
  ['Throttling', 'THROTTLED', 'never'],
  ['InternalError', 'OUTCOME_UNKNOWN', 'unknown'],
  ['ServiceUnavailable', 'OUTCOME_UNKNOWN', 'unknown'],
];
