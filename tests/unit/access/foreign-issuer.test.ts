// An issuer that was not written here: oidc-provider, on loopback, from its token endpoint to our answer.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer } from '../../../lib/access/bearer.ts';
import { type Around, type HttpRequest, type HttpResponse, respond } from '../../../lib/application/http.ts';
import { systemClock } from '../../../lib/clock.ts';
import { configurationFrom } from '../../../lib/platforms/configuration.ts';
import { issuersFrom } from '../../../lib/platforms/issuers.ts';
import { LEFT_MS } from './tokens.ts';

const AUDIENCE = 'https://keyvend.example';
let server: Server;
let issuer: string;
let keysAsked = 0;
let ask: (token: string) => Promise<HttpResponse>;

beforeAll(async () => {
  let answer: RequestListener = () => {};
  server = createServer((request, response) => {
    if (request.url === '/jwks') keysAsked += 1;
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  answer = (await provider()).callback();
  const issuers = issuersFrom(configurationFrom(environment()), { issuers: {} }, systemClock, { warn: () => {} });
  const verify = bearer(issuers, systemClock);
  const around: Around = {
    verify: ({ headers }, leftMs) => verify(headers.get('authorization'), leftMs),
    failed: () => {},
  };
  const endpoint = { answer: async ({ caller }: { caller: object }) => ({ status: 200, body: caller }) };
  ask = (token) =>
    respond(
      () => asked(token),
      () => LEFT_MS,
      endpoint,
      around,
    );
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const asked = (token: string) =>
  ({ headers: new Map([['authorization', `Bearer ${token}`]]) }) as unknown as HttpRequest;

const environment = () => ({
  ...{ KEYVEND_PLATFORM: 'local', KEYVEND_LEDGER: 'sqlite', KEYVEND_STORE: 'embedded' },
  ...{ KEYVEND_DEPLOYMENT: 'main', KEYVEND_HOME: '/var/keyvend', KEYVEND_UPSTREAM: '{}' },
  ...{
    KEYVEND_ISSUER: issuer,
    KEYVEND_ACCESS: 'access.json',
    KEYVEND_AUDIENCE: AUDIENCE,
    KEYVEND_JWKS_URI: `${issuer}/jwks`,
  },
});

interface Token {
  readonly resourceServer?: { readonly accessTokenTTL: number };
}

async function provider(): Promise<Provider> {
  const keys = await Promise.all(
    ['RS256', 'ES256'].map(async (alg) => {
      const { privateKey } = await generateKeyPair(alg, { extractable: true });
      return { ...(await exportJWK(privateKey)), kid: alg, alg, use: 'sig' };
    }),
  );
  const machine = {
    client_id: 'pipeline',
    client_secret: 'of-the-pipeline',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  };
  return new Provider(issuer, {
    jwks: { keys },
    clients: [machine],
    cookies: { keys: ['not used'] },
    ttl: { ClientCredentials: (_: unknown, { resourceServer }: Token) => resourceServer?.accessTokenTTL ?? 600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_: unknown, resource: string) => ({
          scope: 'vend',
          audience: new URL(resource).origin,
          accessTokenFormat: 'jwt',
          accessTokenTTL: resource.endsWith('/for-weeks') ? 1_209_600 : 600,
          jwt: { sign: { alg: resource.endsWith('/es256') ? 'ES256' : 'RS256' } },
        }),
      },
    },
  });
}

async function tokenFor(resource: string): Promise<string> {
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('pipeline:of-the-pipeline').toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'vend', resource }),
  });
  const { access_token } = (await answer.json()) as { access_token?: string };
  expect(access_token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  return access_token!;
}
const told = ({ status, headers, body }: HttpResponse) => ({ status, headers, ...JSON.parse(body) });

describe('a token of an issuer that others wrote', () => {
  it('lets its machine in, with its keys fetched over HTTP once', async () => {
    const token = await tokenFor(AUDIENCE);
    for (let times = 0; times < 3; times += 1) {
      expect(told(await ask(token))).toMatchObject({
        status: 200,
        id: `${issuer} pipeline`,
        issuer: 'default',
        claims: { client_id: 'pipeline', scope: 'vend', aud: AUDIENCE },
      });
    }
    expect(keysAsked).toBe(1);
  });

  it('lets it in by another of its keys and algorithms as well', async () => {
    expect(told(await ask(await tokenFor(`${AUDIENCE}/es256`)))).toMatchObject({
      status: 200,
      id: `${issuer} pipeline`,
    });
    expect(keysAsked).toBe(1);
  });

  it.each([
    ['for another service', 'https://billing.example', 403, 'TOKEN_AUDIENCE'],
    ['valid for two weeks', `${AUDIENCE}/for-weeks`, 401, 'TOKEN_LIFETIME'],
  ])('is refused when it is %s', async (_, resource, status, code) => {
    expect(told(await ask(await tokenFor(resource)))).toMatchObject({ status, code });
  });

  it('is refused when a letter of it was changed, with a challenge that a client understands', async () => {
    const [header, claims, signature] = (await tokenFor(AUDIENCE)).split('.');
    const said = JSON.parse(Buffer.from(claims!, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...said, sub: 'operator' })).toString('base64url');
    const answer = told(await ask(`${header}.${forged}.${signature}`));
    expect(answer).toMatchObject({ status: 401, code: 'TOKEN_REFUSED' });
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer error="invalid_token", error_description="/);
  });
});
