// ENS 2017-11-10. Source: the "Error codes" of CreateKeyPair (9 rows; ImportKeyPair has the same) and DeleteKeyPairs.
// A missing permission is 400 here, not 403.
import { type ErrorTable, refuser } from '../refused.ts';

export const ensErrors = {
  MissingParameter: {
    status: 400,
    message: 'The input parameter that is mandatory for processing this request is not supplied.',
  },
  NoPermission: { status: 400, message: 'Permission denied.' },
  'InvalidParameter.%s': { status: 400, message: 'The specified field %s invalid. Please check it again.' },
  InvalidParameter: { status: 400, message: 'The errorMessage is %s. Please check it again.' },
  'InvalidSecurityGroupId.NotFound': { status: 400, message: 'The specified SecurityGroupId does not exist.' },
  'SecurityGroupRuleConflict.Duplicated': { status: 400, message: 'The SecurityGroup rule already exists.' },
  AuthorizationLimitExceed: {
    status: 400,
    message: 'The limit of authorization records in the security group reaches.',
  },
  'ens.interface.error': { status: 400, message: 'An error occurred while calling the API.' },
  CallInterface: { status: 400, message: 'Call Interface Happen Error.' },
  // DeleteKeyPairs, although the first one's text is about creating.
  PubKeyNameExisted: { status: 400, message: 'Public Key Pair Name Existed.' },
  PubKeyAttachedWithInstance: { status: 400, message: 'Public Key Attached With Instance.' },
} as const satisfies ErrorTable;

export const refuseEns = refuser(ensErrors);
