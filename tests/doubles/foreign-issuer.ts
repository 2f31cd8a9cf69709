// An issuer that was not written here, oidc-provider on loopback, with one machine for a client.
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

export interface ForeignIssuer {
  readonly url: string;
  /** Where its keys are. */
  readonly keys: string;
  readonly audience: string;
  /** A client's own tokens with these claims, each asked for when the one before it is half over. */
  source(claims: object): Promise<() => Promise<string>>;
  stop(): Promise<void>;
}

const AUDIENCE = 'https://keyvend.example';
const LIFETIME_S = 600;

export async function foreignIssuer(): Promise<ForeignIssuer> {
  let answer: RequestListener = () => {};
  const server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let claims: object = {};
  answer = (await provider(url, () => claims)).callback();

  return {
    ...{ url, keys: `${url}/jwks`, audience: AUDIENCE },
    async source(given) {
      claims = given;
      let token: Promise<string> | undefined;
      let untilMs = 0;
      return () => {
        if (token !== undefined && performance.now() < untilMs) return token;
        untilMs = performance.now() + (1_000 * LIFETIME_S) / 2;
        token = granted(url);
        return token;
      };
    },
    async stop() {
      const gone = once(server, 'close');
      server.closeAllConnections();
      server.close();
      await gone;
    },
  };
}

async function granted(url: string): Promise<string> {
  const answer = await fetch(`${url}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('pipeline:of-the-pipeline').toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: AUDIENCE }),
  });
  const { access_token: token } = (await answer.json()) as { access_token?: string };
  if (token === undefined) throw new Error('the issuer gave no token');
  return token;
}

async function provider(url: string, claims: () => object): Promise<Provider> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const machine = {
    ...{ client_id: 'pipeline', client_secret: 'of-the-pipeline', grant_types: ['client_credentials'] },
    ...{ redirect_uris: [], response_types: [] },
  };
  return new Provider(url, {
    clients: [machine],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'one', alg: 'RS256', use: 'sig' }] },
    extraTokenClaims: async () => ({ sub: 'pipeline', ...claims() }),
    // What it would say a word about otherwise.
    cookies: { keys: ['not used'] },
    ttl: { ClientCredentials: LIFETIME_S },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: async () => ({
          ...{ scope: '', audience: AUDIENCE, accessTokenFormat: 'jwt', accessTokenTTL: LIFETIME_S },
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
}
