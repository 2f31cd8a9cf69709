// What Alibaba's gateway says before a service sees the request. Source: "Common error codes" (Alibaba Cloud ECS and
// OpenAPI docs). A code without a published text has a plain one here, marked `ours`: match codes, not messages.
import { type ErrorTable, refuser } from '../refused.ts';

export const alibabaErrors = {
  MissingParameter: {
    status: 400,
    message: 'The input parameter "%s" that is mandatory for processing this request is not supplied.',
  },
  IncompleteSignature: { status: 400, message: 'The request signature does not conform to Aliyun standards.' },
  SignatureDoesNotMatch: {
    status: 400,
    message: 'Specified signature is not matched with our calculation. server string to sign is:%s',
  },
  // The ECS table lists 400, others 404: the switch `alibaba.unknownKeyStatus`.
  'InvalidAccessKeyId.NotFound': { status: 404, message: 'Specified access key is not found.' },
  'InvalidAccessKeyId.Inactive': { status: 400, message: 'Specified access key is disabled.' },
  'InvalidSecurityToken.Expired': { status: 400, message: 'Specified SecurityToken is expired.' },
  'InvalidSecurityToken.Malformed': { status: 400, message: 'Specified SecurityToken is malformed.' },
  'InvalidSecurityToken.MismatchWithAccessKey': {
    status: 400,
    message: 'Specified SecurityToken mismatch with the AccessKey.',
  },
  MissingSecurityToken: { status: 400, message: 'SecurityToken is mandatory for this action.' }, // ours
  'InvalidTimeStamp.Expired': { status: 400, message: 'Specified time stamp or date value is expired.' },
  'InvalidTimeStamp.Format': { status: 400, message: 'Specified time stamp or date value is not well formatted.' }, // ours
  IllegalTimestamp: { status: 400, message: 'The input parameter "Timestamp" is not valid.' }, // ours
  SignatureNonceUsed: { status: 400, message: 'Specified signature nonce was used already.' },
  InvalidVersion: { status: 400, message: 'Specified parameter Version is not valid.' },
  'InvalidAction.NotFound': {
    status: 404,
    message: 'Specified api is not found, please check your url and method.',
  },
  Throttling: { status: 400, message: 'Request was denied due to flow control.' },
  'Throttling.User': { status: 400, message: 'Request was denied due to user flow control.' },
  'Throttling.Api': { status: 400, message: 'Request was denied due to api flow control.' },
  'Forbidden.RAM': {
    status: 403,
    message: "User not authorized to operate on the specified resource, or this API doesn't support RAM.", // ours
  },
  'Forbidden.AccessKeyDisabled': { status: 403, message: 'The Access Key is disabled.' }, // ours
  InternalError: { status: 500, message: 'The request processing has failed due to some unknown error.' },
  ServiceUnavailable: {
    status: 503,
    message: 'The request has failed due to a temporary failure of the server.',
  },
} as const satisfies ErrorTable;

export const refuseAlibaba = refuser(alibabaErrors);
