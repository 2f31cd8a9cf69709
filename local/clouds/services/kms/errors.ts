// KMS 2016-01-20, Secrets Manager's actions. Source: the "Error codes" of CreateSecret, PutSecretValue, GetSecretValue, DescribeSecret,
// ListSecrets, ListSecretVersionIds, UpdateSecret, UpdateSecretVersionStage, DeleteSecret, RestoreSecret, whose texts differ from action to
// action: each is one of theirs. What is not there has the status 404 under a code that begins with Forbidden; what comes too fast is 429.
import { type ErrorTable, Refused, refuser } from '../../refused.ts';

export const kmsErrors = {
  InvalidParameter: { status: 400, message: 'some of the specified parameters "%s" is not valid' },
  'Rejected.LimitExceeded': { status: 400, message: 'exceed secret limits error' },
  'Rejected.ShareQuotaExceedLimit': { status: 400, message: 'Instance Share Quota Exceed Limit.' },
  UnsupportedOperation: { status: 400, message: 'This action is not supported.' },
  'Rejected.InvalidRequest': { status: 400, message: 'param mismatch' },
  'Rejected.UnsupportedOperation': { status: 400, message: 'secret stages in unnormal status' },
  'Forbidden.NoPermission': { status: 403, message: 'This operation is forbidden by permission system' },
  'Forbidden.DKMSInstanceNotFound': { status: 403, message: 'The specified DKMS Instance is not found.' },
  'Forbidden.KeyNotFound': { status: 404, message: 'The specified Key is not found.' },
  'Forbidden.ResourceNotFound': { status: 404, message: 'Resource not found' },
  'Rejected.ResourceExist': { status: 409, message: 'The resource already exists.' },
  'Rejected.ResourceInDeleteWindow': { status: 409, message: 'secret in delete peroid' },
  'Rejected.ResourceInUse': { status: 409, message: 'restore normal secret' },
  'Rejected.Throttling': { status: 429, message: 'QPS Limit Exceeded' },
  // These two come by the fault `refuse` alone: nothing here breaks, or has an instance that is switched off.
  'Forbidden.DKMSInstanceStateInvalid': { status: 403, message: 'The DKMS instance state is invalid.' },
  InternalFailure: { status: 500, message: 'Internal Failure' },
} as const satisfies ErrorTable;

export const refuseKms = refuser(kmsErrors);

/** As the gateway has it, with the code and the status that KMS has for it. */
export function throttledByKms(headers: Refused['headers'] = {}): Refused {
  const { code, status, message } = refuseKms('Rejected.Throttling');
  return new Refused(code, status, message, headers);
}
