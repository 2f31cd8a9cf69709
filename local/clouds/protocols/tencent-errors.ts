// What Tencent's platform says for every product; all of it comes with HTTP 200. Source: "Common error codes" (Tencent Cloud
// API 3.0 docs). The docs describe the codes; a running service words them differently and may answer in Chinese.
import { type ErrorTable, refuser } from '../refused.ts';

const row = (message: string) => ({ status: 200, message }) as const;

export const tencentErrors = {
  'AuthFailure.SignatureFailure': row(
    'The provided credentials could not be validated. Please check your signature is correct.',
  ),
  'AuthFailure.SecretIdNotFound': row('The SecretId is not found, please ensure that your SecretId is correct.'),
  'AuthFailure.SignatureExpire': row(
    'Signature expired. Timestamp and server time cannot differ by more than five minutes.',
  ),
  'AuthFailure.TokenFailure': row('Invalid token'),
  'AuthFailure.InvalidSecretId': row('Invalid key (not TencentCloud API key type).'),
  'AuthFailure.InvalidAuthorization': row('The Authorization header does not conform to the Tencent Cloud standard.'),
  'AuthFailure.MFAFailure': row('MFA failure'),
  'AuthFailure.UnauthorizedOperation': row('The request is not authorized.'),
  UnauthorizedOperation: row('Unauthorized operation.'),
  RequestLimitExceeded: row('%s Please reduce the frequency of calls.'),
  'RequestLimitExceeded.IPLimitExceeded': row('The number of requests exceeds the frequency limit of the IP.'),
  'RequestLimitExceeded.UinLimitExceeded': row('The number of requests exceeds the frequency limit of the account.'),
  'RequestLimitExceeded.GlobalRegionUinLimitExceeded': row(
    'The number of requests exceeds the frequency limit of the account in all regions.',
  ),
  RequestSizeLimitExceeded: row('The request size exceeds the upper limit.'),
  ResponseSizeLimitExceeded: row('The response size exceeds the upper limit.'),
  InvalidAction: row('API does not exist.'),
  ActionOffline: row('API is offline.'),
  NoSuchProduct: row('Product does not exist.'),
  NoSuchVersion: row('The API version does not exist'),
  InvalidParameter: row('Incorrect parameter.'),
  InvalidParameterValue: row('Invalid parameter value.'),
  MissingParameter: row('The request is missing the required parameter `%s`.'),
  UnknownParameter: row('The parameter `%s` is not recognized.'),
  UnsupportedProtocol: row('Unsupported HTTP(S) request protocol. Only GET and POST requests are supported.'),
  UnsupportedRegion: row('Unsupported region'),
  UnsupportedOperation: row('Unsupported operation.'),
  ResourceNotFound: row('Resource does not exist'),
  ResourceInUse: row('The resource is in use.'),
  ResourceUnavailable: row('The resource is unavailable.'),
  ResourceInsufficient: row('Insufficient resources.'),
  LimitExceeded: row('Quota limit is exceeded.'),
  FailedOperation: row('Operation failed.'),
  DryRunOperation: row(
    'DryRun Operation. It means that the request would have succeeded, but the DryRun parameter was used.',
  ),
  ServiceUnavailable: row('Service is unavailable now.'),
  InternalError: row('Internal error.'),
} as const satisfies ErrorTable;

export const refuseTencent = refuser(tencentErrors);
