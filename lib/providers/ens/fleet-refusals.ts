// What ENS refuses where instances are concerned. Source: the pages of AttachKeyPair and DetachKeyPair.
import { byCode, type Refusals } from '../refusals.ts';
import { refusals as common } from './refusals.ts';

export const refusals: Refusals = new Map([
  ...common,
  // No instance is changed when the request itself is wrong; by name, that is also one that does not have the pair.
  ...byCode([
    [
      'INVALID_REQUEST',
      'none',
      ['InvalidParameter.InstanceIds', 'InvalidParameter.KeyPairId', 'InvalidParameter.KeyPairName'],
    ],
  ]),
]);
