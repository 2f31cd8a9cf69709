// The one action of the clouds' security token services that is spoken: whose an access key is. Alibaba's needs no permission; Tencent's
// is withheld only from a key that is denied it by name.
// Source: Alibaba STS 2015-04-01 and Tencent STS 2018-08-13, GetCallerIdentity.
import type { CloudName, Credential } from '../accounts/credentials.ts';
import type { Body } from '../protocols/protocol.ts';
import { refuseTencent } from '../protocols/tencent-errors.ts';

const versions: Readonly<Record<CloudName, string>> = { alibaba: '2015-04-01', tencent: '2018-08-13' };

export const asksWhose = (
  cloud: CloudName,
  { version, action }: { readonly version: string; readonly action: string },
): boolean => version === versions[cloud] && action === 'GetCallerIdentity';

/** @throws {Refused} for who is denied it */
export function callerIdentity({ account, keyId, token, denied }: Credential, cloud: CloudName): Body {
  if (cloud === 'tencent' && denied?.includes('sts:GetCallerIdentity')) throw refuseTencent('UnauthorizedOperation');
  const [UserId, temporary] = [`user-of-${keyId}`, token !== undefined];
  const common = { AccountId: account, UserId, PrincipalId: UserId };
  if (cloud === 'tencent')
    return { ...common, Arn: `qcs::cam::uin/${account}:uin/${UserId}`, Type: temporary ? 'CAMRole' : 'CAMUser' };
  return {
    ...common,
    Arn: `acs:ram::${account}:user/${UserId}`,
    IdentityType: temporary ? 'AssumedRoleUser' : 'RAMUser',
  };
}
