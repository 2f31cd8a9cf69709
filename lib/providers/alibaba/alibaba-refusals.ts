// Codes that ENS and ECS have in common. Source: "Common error codes", Alibaba Cloud OpenAPI.
import type { Row } from '../refusals.ts';

export const common: readonly Row[] = [
  ['MissingParameter', 'INVALID_REQUEST', 'none'],
  ['InvalidParameter', 'INVALID_REQUEST', 'none'],
  ['NoPermission', 'PERMISSION_DENIED', 'none'],
  ['Forbidden', 'PERMISSION_DENIED', 'none'],
  ['Forbidden.AccessKeyDisabled', 'CREDENTIALS_REFUSED', 'none'],
  ['SignatureDoesNotMatch', 'CREDENTIALS_REFUSED', 'none'],
  ['IncompleteSignature', 'CREDENTIALS_REFUSED', 'none'],
  ['InvalidAccessKeyId', 'CREDENTIALS_REFUSED', 'none'],
  ['InvalidSecurityToken', 'CREDENTIALS_REFUSED', 'none'],
  ['MissingSecurityToken', 'CREDENTIALS_REFUSED', 'none'],
  ['InvalidTimeStamp', 'CLOCK_SKEWED', 'none'],
  ['IllegalTimestamp', 'CLOCK_SKEWED', 'none'],
  ['InvalidVersion', 'CLOUD_REFUSED', 'none'],
  ['InvalidAction', 'CLOUD_REFUSED', 'none'],
  // Our nonces do not repeat, so something on the way sent the request twice: the first copy may have been carried out.
  ['SignatureNonceUsed', 'OUTCOME_UNKNOWN', 'unknown'],
  ['Throttling', 'THROTTLED', 'none'],
  ['InternalError', 'OUTCOME_UNKNOWN', 'unknown'],
  ['ServiceUnavailable', 'OUTCOME_UNKNOWN', 'unknown'],
];
