// CVM 2017-03-12. Source: the "Error codes" of CreateKeyPair (11 rows), ImportKeyPair, DescribeKeyPairs, DeleteKeyPairs.
import { type ErrorTable, refuser } from '../refused.ts';

const row = (message: string) => ({ status: 200, message }) as const;

export const cvmErrors = {
  'FailedOperation.TagKeyReserved': row('The tag key specified in the request is reserved for the system.'),
  InternalServerError: row('Internal error.'),
  'InvalidKeyPair.LimitExceeded': row('The number of key pairs exceeds the limit.'),
  'InvalidKeyPairName.Duplicate': row('Key pair name already exists.'),
  InvalidKeyPairNameEmpty: row('The key name cannot be empty.'),
  InvalidKeyPairNameIncludeIllegalChar: row(
    'The key name contains invalid characters. Key names can only contain letters, numbers and underscores.',
  ),
  InvalidKeyPairNameTooLong: row('The key name cannot exceed 25 characters.'),
  InvalidParameterValue: row('Incorrect parameter value.'),
  'InvalidProjectId.NotFound': row('Invalid project ID: the specified project ID does not exist.'),
  'LimitExceeded.TagResourceQuota': row('Exceeded the upper limit of resources bound to the tag.'),
  MissingParameter: row('Missing parameter.'),
  'InvalidPublicKey.Duplicate': row('Invalid public key: the specified key already exists.'),
  'InvalidPublicKey.Malformed': row(
    'Invalid public key: the specified public key does not meet the `OpenSSH RSA` format requirements.',
  ),
  InvalidFilter: row('Invalid filter.'),
  'InvalidFilterValue.LimitExceeded': row('The value of `Filter` exceeds the limit.'),
  InvalidParameter: row('A parameter error occurred.'),
  InvalidParameterValueLimit: row('The number of parameter values exceeds the limit.'),
  InvalidParameterValueOffset: row('Invalid parameter value: invalid `Offset`.'),
  'UnauthorizedOperation.InvalidToken': row('Check if the token is valid.'),
  UnsupportedOperation: row('Unsupported operation.'),
  'InvalidKeyPair.NotSupported': row('The specified key pair is held by an image.'), // text ours
  // AssociateInstancesKeyPairs and DisassociateInstancesKeyPairs.
  'InvalidInstanceId.Malformed': row(
    'Invalid instance `ID`. The specified instance `ID` has an invalid format. For example, `ins-1122` has an invalid `ID` length.',
  ),
  'InvalidInstanceId.NotFound': row('No instance found.'),
  'UnsupportedOperation.InstanceStateRunning': row('Running instances do not support this operation.'),
  'UnsupportedOperation.InstanceStatePending': row(
    'The instances are being created, and this operation is not supported.',
  ),
  'UnsupportedOperation.InstanceStateStopping': row(
    'The instance is being shut down, and this operation is not supported.',
  ),
  'MutexOperation.TaskRunning': row('An identical job is running.'),
  'OperationDenied.InstanceOperationInProgress': row(
    'The instance has an operation in progress. Please try again later.',
  ),
  // Launch templates; texts ours.
  'InvalidParameterValue.LaunchTemplateIdNotExisted': row('The specified launch template does not exist.'),
  'InvalidParameterValue.LaunchTemplateVersionNotExisted': row('The specified template version does not exist.'),
  'LimitExceeded.LaunchTemplateVersionQuota': row('The number of template versions exceeds the limit.'),
  'InvalidKeyPairId.Malformed': row(
    'Invalid key pair ID. The specified key pair ID has an invalid format. For example, `skey-1122` has an invalid `ID` length.',
  ),
  'InvalidKeyPairId.NotFound': row('Invalid key pair ID. The specified key pair ID does not exist.'),
  'InvalidParameterValue.KeyPairNotSupported': row('The specified key does not support the operation.'),
  'InvalidParameterValue.LimitExceeded': row('The number of parameter values exceeds the limit.'),
} as const satisfies ErrorTable;

export const refuseCvm = refuser(cvmErrors);
