// Temporary credentials for a token of an issuer that an account trusts: unsigned calls of the security token services.
// Source: Alibaba STS 2015-04-01, AssumeRoleWithOIDC; Tencent STS 2018-08-13, AssumeRoleWithWebIdentity.
import { randomBytes } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { CloudName, Credential } from '../accounts/credentials.ts';
import { formPairs, queryPairs, type Received } from '../http/received.ts';
import type { Body } from '../protocols/protocol.ts';
import { Refused } from '../refused.ts';

/** An identity provider of an account, and a role that trusts it. */
export interface TrustedIssuer {
  readonly cloud: CloudName;
  /** Its ARN at Alibaba, its name at Tencent. */
  readonly provider: string;
  readonly issuer: string;
  readonly audience: string;
  /** Where its keys are. */
  readonly keys: string;
  readonly roleArn: string;
  /** The only subject that the role lets in; by default any. */
  readonly subject?: string;
}

const actions: Readonly<Record<CloudName, { readonly version: string; readonly action: string }>> = {
  alibaba: { version: '2015-04-01', action: 'AssumeRoleWithOIDC' },
  tencent: { version: '2018-08-13', action: 'AssumeRoleWithWebIdentity' },
};

export const assumesRole = (cloud: CloudName, named: { readonly version: string; readonly action: string }): boolean =>
  named.version === actions[cloud].version && named.action === actions[cloud].action;

interface Asked {
  readonly provider: string;
  readonly roleArn: string;
  readonly token: string;
  readonly session: string;
  readonly seconds: number;
}

/** @throws {Refused} in the cloud's own code */
export async function assume(
  cloud: CloudName,
  request: Received,
  { trusted, nowMs }: { readonly trusted: readonly TrustedIssuer[]; readonly nowMs: number },
): Promise<{ readonly credential: Credential; readonly body: Body }> {
  const asked = cloud === 'alibaba' ? inForm(request) : inJson(request);
  const [least, most] = cloud === 'alibaba' ? [900, 43_200] : [0, 43_200];
  if (!/^[\w.@-]{2,64}$/.test(asked.session) || !(asked.seconds >= least && asked.seconds <= most))
    throw refusals[cloud].parameter();
  const known = trusted.filter((one) => one.cloud === cloud && one.provider === asked.provider);
  if (known.length === 0) throw refusals[cloud].provider();
  const role = known.find((one) => one.roleArn === asked.roleArn);
  if (role === undefined) throw refusals[cloud].role();
  const { issuer, audience } = role;
  const verified = await jwtVerify(asked.token, createRemoteJWKSet(new URL(role.keys)), {
    issuer,
    audience,
    currentDate: new Date(nowMs),
  }).catch((error: { code?: string }) => {
    throw error.code === 'ERR_JWT_EXPIRED' ? refusals[cloud].expired() : refusals[cloud].token();
  });
  if (role.subject !== undefined && verified.payload.sub !== role.subject) throw refusals[cloud].role();
  const credential = made(cloud, accountIn(asked.roleArn), nowMs + 1_000 * asked.seconds);
  return { credential, body: shown(credential, asked) };
}

function inForm(request: Received): Asked {
  const all = new Map([...queryPairs(request), ...formPairs(request)]);
  const of = (name: string) => all.get(name) ?? '';
  return {
    ...{ provider: of('OIDCProviderArn'), roleArn: of('RoleArn'), token: of('OIDCToken') },
    ...{ session: of('RoleSessionName'), seconds: Number(all.get('DurationSeconds') ?? 3_600) },
  };
}

function inJson(request: Received): Asked {
  const all = JSON.parse(request.body.toString() || '{}') as Record<string, unknown>;
  const of = (name: string) => String(all[name] ?? '');
  return {
    ...{ provider: of('ProviderId'), roleArn: of('RoleArn'), token: of('WebIdentityToken') },
    ...{ session: of('RoleSessionName'), seconds: Number(all.DurationSeconds ?? 7_200) },
  };
}

/** `acs:ram::<account>:role/<name>`, `qcs::cam::uin/<account>:roleName/<name>`. */
const accountIn = (roleArn: string): string => /(?:::|uin\/)(\d+):/.exec(roleArn)?.[1] ?? '';

const made = (cloud: CloudName, account: string, expiresAtMs: number): Credential => ({
  ...{ cloud, account, active: true, permitted: true, expiresAtMs },
  keyId: `${cloud === 'alibaba' ? 'STS.' : 'AKID'}${randomBytes(12).toString('hex')}`,
  secret: randomBytes(20).toString('hex'),
  token: `assumed-${randomBytes(24).toString('hex')}`,
});

function shown({ cloud, keyId, secret, token, expiresAtMs = 0 }: Credential, { session, roleArn }: Asked): Body {
  const Expiration = new Date(expiresAtMs).toISOString().replace(/\.\d+/, '');
  if (cloud === 'tencent')
    return {
      ...{ Expiration, ExpiredTime: Math.floor(expiresAtMs / 1_000) },
      Credentials: { Token: token, TmpSecretId: keyId, TmpSecretKey: secret },
    };
  return {
    Credentials: { AccessKeyId: keyId, AccessKeySecret: secret, SecurityToken: token, Expiration },
    AssumedRoleUser: { Arn: `${roleArn}/${session}`, AssumedRoleId: `300000000000000000:${session}` },
    OIDCTokenInfo: {},
  };
}

const refusals = {
  alibaba: {
    parameter: () => new Refused('InvalidParameter', 400, 'The specified parameter is not valid.'),
    provider: () => new Refused('EntityNotExist.OIDCProvider', 404, 'The OIDC provider does not exist.'),
    role: () =>
      new Refused('AuthenticationFail.NoPermission', 400, 'This operation is forbidden by permission system.'),
    token: () => new Refused('AuthenticationFail.OIDCToken.Invalid', 400, 'This oidc token is invalid.'),
    expired: () => new Refused('AuthenticationFail.OIDCToken.Expired', 400, 'This oidc token is expired.'),
  },
  tencent: {
    parameter: () => new Refused('InvalidParameter.ParamError', 200, 'Invalid parameter.'),
    provider: () => new Refused('ResourceNotFound.RoleNotFound', 200, 'The role does not exist.'),
    role: () => new Refused('UnauthorizedOperation', 200, 'The role does not trust this.'),
    token: () => new Refused('InvalidParameter.WebIdentityTokenError', 200, 'Invalid web identity token.'),
    expired: () => new Refused('InvalidParameter.WebIdentityTokenError', 200, 'Expired web identity token.'),
  },
} as const;
