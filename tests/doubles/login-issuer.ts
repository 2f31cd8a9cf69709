// An issuer that was not written here, oidc-provider on loopback, at which a person signs in to the command line: with a browser that is
// sent back to loopback, or by a code. Whoever comes is `operator`, and a page of one form asks for it.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

export interface LoginIssuer {
  readonly url: string;
  readonly keys: string;
  stop(): Promise<void>;
}

/** What the package has beside what its types say. */
type Interacting = Provider & {
  interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<{ readonly uid: string }>;
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>;
};
interface Context {
  readonly oidc: {
    readonly client: { readonly clientId: string };
    readonly session: { readonly accountId: string };
    readonly provider: {
      readonly Grant: new (of: object) => { addOIDCScope(scope: string): void; save(): Promise<string> };
    };
  };
}

const LIFETIME_S = 600;
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';

export async function loginIssuer(audience: string, claims: object): Promise<LoginIssuer> {
  let provider: Interacting;
  const server = createServer((request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void provider.callback()(request, response);
    if (request.method === 'GET')
      return void response.setHeader('content-type', 'text/html').end(`<form method="post" action="${request.url}">`);
    void provider.interactionFinished(request, response, { login: { accountId: 'operator' }, consent: {} });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  provider = new Provider(url, {
    clients: [
      {
        ...{ client_id: 'keyvend-cli', application_type: 'native', token_endpoint_auth_method: 'none' },
        ...{ redirect_uris: ['http://127.0.0.1/callback'], response_types: ['code'] },
        grant_types: ['authorization_code', 'refresh_token', DEVICE],
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'one', alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['not used'] },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    ttl: { AccessToken: LIFETIME_S, Session: LIFETIME_S, Grant: LIFETIME_S, RefreshToken: LIFETIME_S, DeviceCode: 60 },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
    extraTokenClaims: () => claims,
    async loadExistingGrant({ oidc }: Context) {
      const of = { clientId: oidc.client.clientId, accountId: oidc.session.accountId };
      const grant = new oidc.provider.Grant(of);
      grant.addOIDCScope('openid offline_access');
      await grant.save();
      return grant;
    },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      deviceFlow: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:keyvend',
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          ...{ scope: '', audience, accessTokenFormat: 'jwt', accessTokenTTL: LIFETIME_S },
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  }) as Interacting;
  return {
    ...{ url, keys: `${url}/jwks` },
    async stop() {
      const gone = once(server, 'close');
      server.closeAllConnections();
      server.close();
      await gone;
    },
  };
}
