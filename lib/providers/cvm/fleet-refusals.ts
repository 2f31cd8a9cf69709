// What CVM and AS refuse besides, where instances and templates are concerned. Source: the pages of AssociateInstancesKeyPairs,
// DisassociateInstancesKeyPairs, ModifyKeyPairAttribute, and of the actions on launch templates and launch configurations.
import { byCode, type Refusals } from '../refusals.ts';
import { refusals as common } from './refusals.ts';

export const refusals: Refusals = new Map([
  ...common,
  ...byCode([
    ['INVALID_REQUEST', 'none', ['InvalidInstanceId.Malformed']],
    [
      'CLOUD_REFUSED',
      'none',
      [
        'InvalidInstanceId',
        'InvalidInstance.NotSupported',
        'UnsupportedOperation',
        'OperationDenied',
        'MutexOperation.TaskRunning',
        'ResourceNotFound',
        'LimitExceeded',
      ],
    ],
  ]),
]);
