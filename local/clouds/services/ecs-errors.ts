// ECS 2014-05-26. Source: the "Error codes" of CreateKeyPair (9 rows), ImportKeyPair and DeleteKeyPairs.
// A reached quota is 403, a taken name is 400.
import { type ErrorTable, refuser } from '../refused.ts';

export const ecsErrors = {
  'InvalidKeyPairName.Malformed': { status: 400, message: 'Specified Key Pair name is not valid.' },
  'KeyPair.AlreadyExist': { status: 400, message: 'The key pair already exist.' },
  'Duplicate.TagKey': { status: 400, message: 'The Tag.N.Key contain duplicate key.' },
  'InvalidTagKey.Malformed': { status: 400, message: 'The specified Tag.n.Key is not valid.' },
  'InvalidTagValue.Malformed': { status: 400, message: 'The specified Tag.n.Value is not valid.' },
  'QuotaExceed.KeyPair': { status: 403, message: 'The key pair quota exceeds.' },
  'QuotaExceed.Tags': { status: 403, message: '%s' },
  'InvalidRegionId.NotFound': { status: 404, message: 'The RegionId provided does not exist in our records.' },
  'InvalidResourceGroup.NotFound': {
    status: 404,
    message: 'The ResourceGroup provided does not exist in our records.',
  },
  'InvalidPublicKeyBody.Malformed': { status: 400, message: 'The PublicKeyBody format is not supported.' },
  'InvalidKeyPairNames.ValueNotSupported': {
    status: 400,
    message: 'The specified parameter "KeyPairNames" is not valid.',
  },
  'InvalidParameter.KeypairAlreadyAttachedInstance': {
    status: 400,
    message: 'The specified parameter "KeyPairNames" attached to instances can not be deleted.',
  },
  InstanceKeyPairLimitExceeded: {
    status: 403,
    message: 'Exceeding the allowed amount of instance which will be deleted.',
  },
  'InvalidKeyPairName.NotFound': {
    status: 400,
    message: 'The specified KeyPairName does not exist in our records.',
  },
  'InvalidInstanceIds.ValueNotSupported': { status: 400, message: 'The specified parameter InstanceIds is not valid.' },
  'DependencyViolation.IoOptimize': { status: 400, message: 'The specified parameter InstanceIds is not valid.' },
  'DependencyViolation.WindowsInstance': {
    status: 403,
    message: 'The instance creating is windows, cannot use ssh key pair to login',
  },
  // In the `Results` of AttachKeyPair and DetachKeyPair, which document no codes for single instances.
  'InvalidInstanceId.NotFound': { status: 404, message: 'The specified InstanceId does not exist.' },
  IncorrectInstanceStatus: {
    status: 403,
    message: 'The current status of the instance does not support this operation.',
  },
  // Launch templates; text ours.
  'InvalidLaunchTemplate.NotFound': { status: 404, message: 'The specified launch template does not exist.' },
  'InvalidLaunchTemplateVersion.NotFound': { status: 404, message: 'The specified template version does not exist.' },
  LaunchTemplateVersionLimitExceed: { status: 403, message: 'The number of template versions exceeds the limit.' },
  // Known from client code only; status and text are ours.
  'InvalidKeyPair.NotFound': { status: 404, message: 'The specified KeyPairName does not exist in our records.' },
  // DescribeKeyPairs documents no code for a page that is not possible; code and text are ours.
  'InvalidParameter.%s': { status: 400, message: 'The specified parameter "%s" is not valid.' },
} as const satisfies ErrorTable;

export const refuseEcs = refuser(ecsErrors);
