// Tokens as the issuers that people have make them: what their pages and samples show, signed here. What is asked of each is a
// configuration that someone would write for it.
import { describe, expect, it } from 'vitest';
import type { IssuerOptions } from '../../../lib/access/issuer.ts';
import { issuer, now, outcome, signer, verifier } from './tokens.ts';

interface Shape {
  readonly trust: Pick<IssuerOptions, 'issuer'> & Partial<Omit<IssuerOptions, 'keys'>>;
  /** What every token of this issuer has. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly header?: object;
  /** What the key has beside itself; one without `alg` is for any that fits. */
  readonly key?: object;
  /** Claims that make it a token for someone or something else, and the code it is refused with. */
  readonly refused: readonly [why: string, over: object, code: string, header?: object][];
}

const minutes = (count: number) => ({ iat: now(), exp: now() + count * 60 });
const none = { typ: undefined };

const cognito = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1';
const entraV1 = 'https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/';
const entraV2 = 'https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0';
const keycloak = 'https://sso.example/realms/ops';
const github = 'https://token.actions.githubusercontent.com';

const shapes: Readonly<Record<string, Shape>> = {
  'Cognito, access token of a machine': {
    trust: { issuer: cognito, require: { token_use: 'access', client_id: ['7n5client'] } },
    claims: {
      sub: '7n5client',
      client_id: '7n5client',
      token_use: 'access',
      scope: 'keyvend/vend keyvend/read',
      version: 2,
      auth_time: now(),
      jti: 'j-1',
      ...minutes(60 * 24),
    },
    header: none,
    key: { use: 'sig' },
    refused: [
      ['of another client', { client_id: 'other', sub: 'other' }, 'TOKEN_AUDIENCE'],
      ['an ID token', { token_use: 'id', client_id: undefined, aud: '7n5client', at_hash: 'x' }, 'TOKEN_KIND'],
    ],
  },
  'Cognito, access token of a person': {
    trust: { issuer: cognito, require: { token_use: 'access', 'cognito:groups': 'operators' } },
    claims: {
      sub: 'a1b2c3d4-5678',
      client_id: 'web',
      token_use: 'access',
      'cognito:groups': ['users', 'operators'],
      ...minutes(60),
    },
    header: none,
    refused: [
      ['in no group', { 'cognito:groups': undefined }, 'TOKEN_AUDIENCE'],
      ['in a group of a similar name', { 'cognito:groups': ['operators-readonly'] }, 'TOKEN_AUDIENCE'],
      ['in a group by a trigger that only adds strings', { 'cognito:groups': '[users operators]' }, 'TOKEN_AUDIENCE'],
    ],
  },
  'Entra v1': {
    trust: { issuer: entraV1, audience: ['api://keyvend', 'f00d-client'], require: { roles: 'Keys.Vend' } },
    claims: {
      aud: 'api://keyvend',
      appid: 'beef-app',
      appidacr: '1',
      idp: entraV1,
      oid: 'b0b-object',
      sub: 'b0b-object',
      tid: '72f988bf-86f1-41af-91ab-2d7cd011db47',
      roles: ['Keys.Vend'],
      ver: '1.0',
      nbf: now(),
      ...minutes(75),
    },
    header: { typ: 'JWT', x5t: 'x5t' },
    key: { use: 'sig', x5t: 'x5t', x5c: ['MIIC'], alg: undefined },
    refused: [
      ['for Graph', { aud: 'https://graph.microsoft.com' }, 'TOKEN_AUDIENCE'],
      ['without a role', { roles: undefined }, 'TOKEN_AUDIENCE'],
      ['of version 2', { iss: entraV2 }, 'TOKEN_REFUSED'],
    ],
  },
  'Entra v2': {
    trust: { issuer: entraV2, audience: 'f00d-client', require: { roles: ['Keys.Vend'] } },
    claims: {
      aud: 'f00d-client',
      azp: 'beef-app',
      azpacr: '1',
      oid: 'b0b-object',
      sub: 'b0b-object',
      roles: ['Keys.Read', 'Keys.Vend'],
      ver: '2.0',
      nbf: now(),
      ...minutes(90),
    },
    header: { typ: 'JWT' },
    key: { use: 'sig', alg: undefined, issuer: entraV2 },
    refused: [
      ['an ID token', { nonce: 'n', preferred_username: 'a@example.com' }, 'TOKEN_KIND'],
      ['of another tenant', { iss: entraV2.replace('72f9', '0000') }, 'TOKEN_REFUSED'],
    ],
  },
  Keycloak: {
    trust: { issuer: keycloak, require: { azp: 'pipeline', 'resource_access.keyvend.roles': 'vend', typ: 'Bearer' } },
    claims: {
      aud: 'account',
      azp: 'pipeline',
      sub: 'f81d4fae-7dec',
      typ: 'Bearer',
      realm_access: { roles: ['offline_access'] },
      resource_access: { keyvend: { roles: ['vend'] }, account: { roles: ['view-profile'] } },
      scope: 'profile email',
      ...minutes(5),
    },
    header: { typ: 'JWT' },
    key: { use: 'sig' },
    refused: [
      ['an ID token', { typ: 'ID', at_hash: 'x' }, 'TOKEN_KIND'],
      ['a refresh token', { typ: 'Refresh' }, 'TOKEN_KIND'],
      ['a logout token', { typ: 'Logout', events: {} }, 'TOKEN_KIND', { typ: 'logout+jwt' }],
      ['with the role at another client', { resource_access: { account: { roles: ['vend'] } } }, 'TOKEN_AUDIENCE'],
    ],
  },
  'Okta, custom server': {
    trust: {
      issuer: 'https://acme.okta.example/oauth2/aus1',
      audience: 'api://keyvend',
      require: { scp: 'keys.vend' },
    },
    claims: { ver: 1, jti: 'AT.1', aud: 'api://keyvend', cid: '0oa1', scp: ['keys.vend'], sub: '0oa1', ...minutes(60) },
    header: none,
    key: { use: 'sig' },
    refused: [['with a longer scope', { scp: ['keys.vend.all'] }, 'TOKEN_AUDIENCE']],
  },
  'Auth0, own profile': {
    trust: {
      issuer: 'https://acme.auth0.example/',
      audience: 'https://keyvend.example',
      require: { gty: 'client-credentials' },
    },
    claims: {
      sub: 'abc@clients',
      aud: ['https://keyvend.example', 'https://acme.auth0.example/userinfo'],
      azp: 'abc',
      gty: 'client-credentials',
      permissions: ['vend'],
      ...minutes(60 * 24),
    },
    header: { typ: 'JWT' },
    key: { use: 'sig', x5c: ['MIIC'] },
    refused: [['for userinfo alone', { aud: 'https://acme.auth0.example/userinfo' }, 'TOKEN_AUDIENCE']],
  },
  'Auth0, RFC 9068 profile': {
    trust: { issuer: 'https://acme.auth0.example/', audience: 'https://keyvend.example' },
    claims: { sub: 'abc@clients', aud: 'https://keyvend.example', client_id: 'abc', jti: 'j', ...minutes(60) },
    header: { typ: 'at+jwt' },
    refused: [['a token for introspection', {}, 'TOKEN_KIND', { typ: 'token-introspection+jwt' }]],
  },
  'GitHub Actions': {
    trust: {
      issuer: github,
      audience: 'https://keyvend.example',
      require: { repository_id: '74', repository_owner_id: '65', ref: 'refs/heads/main', event_name: ['push'] },
      idTokens: true,
    },
    claims: {
      aud: 'https://keyvend.example',
      sub: 'repo:acme@65/web@74:environment:prod',
      repository: 'acme/web',
      repository_id: '74',
      repository_owner_id: '65',
      ref: 'refs/heads/main',
      environment: 'prod',
      job_workflow_ref: 'acme/web/.github/workflows/deploy.yml@refs/heads/main',
      event_name: 'push',
      nbf: now() - 300,
      ...minutes(5),
    },
    header: { typ: 'JWT', x5t: 'x' },
    key: { use: 'sig' },
    refused: [
      ['of a pull request', { event_name: 'pull_request', ref: 'refs/pull/1/merge' }, 'TOKEN_AUDIENCE'],
      ['of a repository of the same name', { repository_id: '75' }, 'TOKEN_AUDIENCE'],
      ['of a repository whose id is a number', { repository_id: 74 }, 'TOKEN_AUDIENCE'],
      ['for its owner', { aud: 'https://github.com/acme' }, 'TOKEN_AUDIENCE'],
    ],
  },
  GitLab: {
    trust: {
      issuer: 'https://gitlab.example',
      audience: 'keyvend',
      require: { project_id: '20', ref_protected: 'true' },
      idTokens: true,
    },
    claims: {
      aud: 'keyvend',
      sub: 'project_path:acme/web:ref_type:branch:ref:main',
      project_id: '20',
      namespace_id: '72',
      ref: 'main',
      ref_type: 'branch',
      ref_protected: 'true',
      pipeline_source: 'push',
      nbf: now() - 5,
      ...minutes(60),
    },
    header: { typ: 'JWT' },
    refused: [
      ['of a branch that anyone may push to', { ref_protected: 'false' }, 'TOKEN_AUDIENCE'],
      ['that says so by a boolean', { ref_protected: true }, 'TOKEN_AUDIENCE'],
    ],
  },
  'Kubernetes, projected token': {
    trust: {
      issuer: 'https://kubernetes.default.svc',
      audience: 'keyvend',
      require: { 'kubernetes.io.namespace': 'build' },
    },
    claims: {
      aud: ['keyvend'],
      sub: 'system:serviceaccount:build:deployer',
      nbf: now(),
      'kubernetes.io': {
        namespace: 'build',
        pod: { name: 'p', uid: 'u' },
        serviceaccount: { name: 'deployer', uid: 'v' },
      },
      ...minutes(60),
    },
    header: none,
    key: { use: 'sig' },
    refused: [
      ['for the API server', { aud: ['https://kubernetes.default.svc'] }, 'TOKEN_AUDIENCE'],
      ['for the STS of a cloud', { aud: ['sts.aliyuncs.com'] }, 'TOKEN_AUDIENCE'],
      ['of another namespace', { 'kubernetes.io': { namespace: 'builder' } }, 'TOKEN_AUDIENCE'],
      ['that a pod has by default, for a year', { exp: now() + 31_536_000 }, 'TOKEN_LIFETIME'],
    ],
  },
  'Tencent CIAM, client credentials': {
    trust: {
      issuer: 'https://acme.portal.tencentciam.example',
      audience: 'tcc-client',
      require: { scope: 'keys:vend' },
    },
    claims: { sub: 'tcc-client', aud: 'tcc-client', scope: ['keys:vend'], jti: 'j', ...minutes(60) },
    header: { typ: 'JWT' },
    key: { use: 'sig' },
    refused: [['of another client', { sub: 'other', aud: 'other' }, 'TOKEN_AUDIENCE']],
  },
};

describe.each(Object.entries(shapes))('a token of %s', async (_, { trust, claims, header, key, refused }) => {
  const { jwk, token } = await signer('a-uuid-or-a-hash');
  const verify = verifier(issuer([{ ...jwk, ...key }], trust));
  const said = async (over: object, changed: object = {}) =>
    outcome(verify(await token({ iss: trust.issuer, aud: undefined, ...claims, ...over }, { ...header, ...changed })));

  it('is accepted, and says who is calling', async () => {
    expect(await said({})).toBe(`${trust.issuer} ${claims.sub}`);
  });

  it.each(refused)('is refused when it is one %s', async (_why, over, code, changed) => {
    expect(await said(over, changed)).toBe(code);
  });
});
