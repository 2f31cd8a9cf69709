// What ECS and ESS refuse besides, where instances and templates are concerned. Source: the pages of AttachKeyPair, DetachKeyPair,
// and of the actions on launch templates and scaling configurations.
import { byCode, type Refusals } from '../refusals.ts';
import { refusals as common } from './refusals.ts';

export const refusals: Refusals = new Map([
  ...common,
  ...byCode([
    // Of too many instances, here.
    ['INVALID_REQUEST', 'none', ['InvalidInstanceIds.ValueNotSupported', 'InstanceKeyPairLimitExceeded']],
    ['KEY_PAIR_ABSENT', 'none', ['InvalidKeyPairName.NotFound']],
    [
      'CLOUD_REFUSED',
      'none',
      [
        'DependencyViolation',
        'InvalidInstanceId',
        'IncorrectInstanceStatus',
        'InvalidLaunchTemplate',
        'InvalidLaunchTemplateVersion',
        'LaunchTemplateVersionLimitExceed',
        'InvalidScalingConfigurationId',
      ],
    ],
  ]),
]);
