// ENS's refusals. Source: its CreateKeyPair, ImportKeyPair, DescribeKeyPairs and DeleteKeyPairs pages, and the common errors.
import { common } from '../alibaba/alibaba-refusals.ts';
import { byCode } from '../refusals.ts';

export const refusals = byCode([
  ...common,
  // What ENS answers for a taken name is not documented; these two are candidates. `PubKeyNameExisted` is on its Delete page.
  ['INVALID_REQUEST', 'unknown', ['InvalidParameter']],
  ['NAME_TAKEN', 'unknown', ['PubKeyNameExisted']],
  ['OUTCOME_UNKNOWN', 'unknown', ['ens.interface.error', 'CallInterface']],
  // A key pair has no security group: a service that answers this was doing something else, which proves nothing.
  [
    'CLOUD_REFUSED',
    'unknown',
    ['InvalidSecurityGroupId.NotFound', 'SecurityGroupRuleConflict.Duplicated', 'AuthorizationLimitExceed'],
  ],
  ['KEY_PAIR_IN_USE', 'none', ['PubKeyAttachedWithInstance']],
]);
