// Temporary access keys of Tencent Cloud for a token of somebody else's issuer: nothing of the cloud is stored. The call has no signature; the
// token is what proves it. Source: STS 2018-08-13, AssumeRoleWithWebIdentity; tencentcloud-sdk-nodejs, OidcRoleArnProvider.
import { asObject, jsonObject } from '../../transport/json.ts';
import { type Assumed, type AssumeRole, refusedRole, roleField } from '../assume-role.ts';
import { refusals } from '../cvm/refusals.ts';
import { needed } from '../fields.ts';
import { answered, type Operation, refused, requestIdIn, unreadable } from '../outcome.ts';
import { byCode } from '../refusals.ts';

const operation: Operation = {
  service: 'sts',
  refusals: new Map([
    ...refusals,
    ...byCode([
      ['CREDENTIALS_REFUSED', 'none', ['InvalidParameter.WebIdentityTokenError', 'InvalidParameter.ParamError']],
      ['CREDENTIALS_REFUSED', 'none', ['ResourceNotFound.RoleNotFound', 'UnauthorizedOperation']],
    ]),
  ]),
  action: 'AssumeRoleWithWebIdentity',
  changes: false,
};

/** @param role `{"roleArn","providerId"}`; `region` is where it is asked, ap-guangzhou by default */
export const assumeRole: AssumeRole = async (role, token, { transport, identityEndpoint, session, nowMs }, call) => {
  const [RoleArn, ProviderId] = [roleField(role.roleArn), roleField(role.providerId)];
  if (RoleArn === undefined || ProviderId === undefined) throw refusedRole('roleArn and providerId');
  const input = {
    ProviderId,
    WebIdentityToken: token.reveal(),
    RoleArn,
    RoleSessionName: session,
    DurationSeconds: 3_600,
  };
  const body = Buffer.from(JSON.stringify(input));
  const sign = () => ({
    'Content-Type': 'application/json',
    ...{
      'X-TC-Action': operation.action,
      'X-TC-Version': '2018-08-13',
      'X-TC-Region': roleField(role.region) ?? 'ap-guangzhou',
    },
    ...{ 'X-TC-Timestamp': String(Math.floor(nowMs / 1_000)), Authorization: 'SKIP' },
  });
  const origin = identityEndpoint ?? 'https://sts.tencentcloudapi.com';
  const answer = await answered(operation, () => transport.send({ origin, path: '/', body, sign }, call));
  const fields = asObject(jsonObject(answer.body)?.Response);
  const error = asObject(fields?.Error);
  const requestId = requestIdIn(fields?.RequestId, undefined);
  if (typeof error?.Code === 'string')
    throw refused(operation, { code: error.Code, requestId, key: undefined }, answer);
  const given = asObject(fields?.Credentials);
  if (answer.status !== 200 || given === undefined)
    throw unreadable(operation, `HTTP ${answer.status}, ${answer.body.length} bytes`, requestId);
  const reply = { fields: given, key: undefined };
  const of = (name: string) => needed(operation, reply, given, name);
  const key = { secretId: of('TmpSecretId'), secretKey: of('TmpSecretKey'), token: of('Token') };
  return { key, untilMs: 1_000 * Number(fields?.ExpiredTime) } satisfies Assumed;
};
