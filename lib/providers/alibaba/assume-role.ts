// Temporary access keys of Alibaba Cloud for a token of somebody else's issuer: nothing of the cloud is stored. The call has no signature; the
// token is what proves it. Source: STS 2015-04-01, AssumeRoleWithOIDC; github.com/aliyun/credentials-nodejs, oidc_role_arn.
import { randomBytes } from 'node:crypto';
import { jsonObject } from '../../transport/json.ts';
import { type Assumed, type AssumeRole, refusedRole, roleField } from '../assume-role.ts';
import { needed } from '../fields.ts';
import { answered, type Operation, refused, requestIdIn, unreadable } from '../outcome.ts';
import { byCode } from '../refusals.ts';
import { common } from './alibaba-refusals.ts';

const operation: Operation = {
  service: 'sts',
  refusals: byCode([
    ...common,
    ['CREDENTIALS_REFUSED', 'none', ['AuthenticationFail.OIDCToken.Expired', 'AuthenticationFail.OIDCToken.Invalid']],
    [
      'CREDENTIALS_REFUSED',
      'none',
      ['AuthenticationFail.NoPermission', 'EntityNotExist.Role', 'EntityNotExist.OIDCProvider'],
    ],
  ]),
  action: 'AssumeRoleWithOIDC',
  changes: false,
};

/** @param role `{"roleArn","oidcProviderArn"}` */
export const assumeRole: AssumeRole = async (role, token, { transport, identityEndpoint, session, nowMs }, call) => {
  const [roleArn, provider] = [roleField(role.roleArn), roleField(role.oidcProviderArn)];
  if (roleArn === undefined || provider === undefined) throw refusedRole('roleArn and oidcProviderArn');
  const query = new URLSearchParams({
    ...{ Action: operation.action, Format: 'JSON', Version: '2015-04-01' },
    ...{
      Timestamp: new Date(nowMs).toISOString().replace(/\.\d+/, ''),
      SignatureNonce: randomBytes(16).toString('hex'),
    },
  });
  // In the body: what is in a URL gets into logs.
  const form = new URLSearchParams({
    ...{ RoleArn: roleArn, OIDCProviderArn: provider, OIDCToken: token.reveal() },
    ...{ RoleSessionName: session, DurationSeconds: '3600' },
  });
  const body = Buffer.from(form.toString());
  const origin = identityEndpoint ?? 'https://sts.aliyuncs.com';
  const sign = () => ({ 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' });
  const answer = await answered(operation, () => transport.send({ origin, path: `/?${query}`, body, sign }, call));
  const fields = jsonObject(answer.body);
  const requestId = requestIdIn(fields?.RequestId, undefined);
  if (typeof fields?.Code === 'string')
    throw refused(operation, { code: fields.Code, requestId, key: undefined }, answer);
  const given = fields?.Credentials;
  if (answer.status !== 200 || typeof given !== 'object' || given === null)
    throw unreadable(operation, `HTTP ${answer.status}, ${answer.body.length} bytes`, requestId);
  const reply = { fields: given as Record<string, unknown>, key: undefined };
  const of = (name: string) => needed(operation, reply, reply.fields, name);
  const key = {
    accessKeyId: of('AccessKeyId'),
    accessKeySecret: of('AccessKeySecret'),
    securityToken: of('SecurityToken'),
  };
  return { key, untilMs: Date.parse(of('Expiration')) } satisfies Assumed;
};
