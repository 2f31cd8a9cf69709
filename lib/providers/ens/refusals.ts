// What ENS refuses with. Source: its CreateKeyPair, ImportKeyPair, DescribeKeyPairs and DeleteKeyPairs pages, and the common errors.
import { common } from '../alibaba/alibaba-refusals.ts';
import { byCode } from '../refusals.ts';

export const refusals = byCode([
  ...common,
  // What ENS says to a taken name is not documented; these are the candidates. `PubKeyNameExisted` stands on its Delete page.
  ['InvalidParameter', 'INVALID_REQUEST', 'unknown'],
  ['PubKeyNameExisted', 'NAME_TAKEN', 'unknown'],
  ['ens.interface.error', 'OUTCOME_UNKNOWN', 'unknown'],
  ['CallInterface', 'OUTCOME_UNKNOWN', 'unknown'],
  // A key pair has no security group: whoever answers this was doing something else, which proves nothing.
  ['InvalidSecurityGroupId.NotFound', 'CLOUD_REFUSED', 'unknown'],
  ['SecurityGroupRuleConflict.Duplicated', 'CLOUD_REFUSED', 'unknown'],
  ['AuthorizationLimitExceed', 'CLOUD_REFUSED', 'unknown'],
  ['PubKeyAttachedWithInstance', 'KEY_PAIR_IN_USE', 'none'],
]);
