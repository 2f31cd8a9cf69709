// OpenID Connect for the issuer on this machine: the portal (code and PKCE) and the command line (any loopback port as RFC 8252 has it,
// or a code typed on another device as RFC 8628 has it). Its tokens say what those in `.keyvend/tokens` say.
import Provider, { type Context, interactionPolicy } from 'oidc-provider';
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';
import { escaped, page, pageHeaders } from './pages.ts';
import { isPerson, people } from './people.ts';

export interface ProviderOptions {
  /** Where it is reached: the `iss` of ID tokens, and the name that clients know it by. */
  readonly url: string;
  /** The `iss` of access tokens, which the functions trust. */
  readonly tokensOf: string;
  readonly audience: string;
  /** A private key in JWK form, with its `kid`. */
  readonly key: object;
  /** Where the portal is: the only address that its client may be sent back to. */
  readonly portal: string;
}

const [HOUR_S, HALF_DAY_S] = [3_600, 43_200];
/** No client has to name it: there is one service that tokens are for. */
const RESOURCE = 'urn:keyvend:service';
const SCOPES = 'openid offline_access';
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';

const clientsOf = (portal: string) => [
  {
    client_id: 'keyvend-portal',
    redirect_uris: [portal],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    response_types: ['code'],
  },
  {
    client_id: 'keyvend-cli',
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/callback'],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token', DEVICE],
    response_types: ['code'],
  },
];

export function openIdProvider({ url, tokensOf, audience, key, portal }: ProviderOptions): Provider {
  const { origin } = new URL(portal);
  const policy = interactionPolicy.base();
  // Whoever chose a person has agreed. A client on this machine would be asked each time otherwise.
  policy.get('consent').checks.remove('native_client_prompt');

  return new Provider(url, {
    jwks: { keys: [key] },
    adapter: createMemoryAdapter(0),
    clients: clientsOf(portal),
    cookies: { keys: [crypto.randomUUID()] },
    scopes: SCOPES.split(' '),
    interactions: { policy, url: (_: Context, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: Context, sub: string) =>
      isPerson(sub) ? { accountId: sub, claims: () => ({ sub, ...people[sub].claims }) } : undefined,
    extraTokenClaims: (_: Context, { accountId, clientId }: { accountId: string; clientId: string }) => ({
      azp: clientId,
      ...(isPerson(accountId) && people[accountId].claims),
    }),
    formats: {
      customizers: {
        jwt(_: Context, __: unknown, { payload }: { payload: Record<string, unknown> }) {
          payload.iss = tokensOf;
        },
      },
    },
    async loadExistingGrant({ oidc }: Context) {
      const { clientId } = oidc.client;
      const grant = new oidc.provider.Grant({ clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope(SCOPES);
      await grant.save();
      return grant;
    },
    issueRefreshToken: (_: Context, client: { grantTypeAllowed(type: string): boolean }) =>
      client.grantTypeAllowed('refresh_token'),
    clientBasedCORS: (_: Context, asking: string, { clientId }: { clientId: string }) =>
      asking === origin && clientId === 'keyvend-portal',
    pkce: { required: () => true },
    ttl: {
      AccessToken: HOUR_S,
      IdToken: HOUR_S,
      AuthorizationCode: 60,
      DeviceCode: 600,
      Interaction: HOUR_S,
      ...{ Session: HALF_DAY_S, Grant: HALF_DAY_S, RefreshToken: HALF_DAY_S },
    },
    renderError(context: Context, out: Readonly<Record<string, string>>) {
      const lines = Object.entries(out).map(([name, value]) => `<dt>${name}</dt><dd>${escaped(String(value))}</dd>`);
      show(context, 'That did not work', `<dl>${lines.join('')}</dl>`);
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '',
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: HOUR_S,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
      deviceFlow: {
        enabled: true,
        userCodeInputSource(context: Context, form: string, _: unknown, error?: Error) {
          const said =
            error === undefined ? 'Type the code that the command shows.' : 'That is not a code that waits here.';
          show(context, 'Sign in elsewhere', `<p>${said}</p>${bare(form)}${button('op.deviceInputForm', 'Go on')}`);
        },
        userCodeConfirmSource(context: Context, form: string, _: unknown, __: unknown, code: string) {
          const asks = `<p>Does the command show this code?</p><p><code>${escaped(code)}</code></p>`;
          show(context, 'Is it yours?', `${asks}${form}${button('op.deviceConfirmForm', 'It does: sign me in there')}`);
        },
        successSource: (context: Context) => show(context, 'Signed in', '<p>The command goes on. Close this page.</p>'),
      },
    },
  });
}

function show(context: Context, title: string, main: string): void {
  context.body = page(title, main);
  for (const [name, value] of Object.entries(pageHeaders)) context.set(name, value);
}

const button = (form: string, says: string) => `<p><button form="${form}">${says}</button></p>`;

/** A script in an attribute would be refused, and be a violation. */
const bare = (form: string) => form.replace(/ onfocus="[^"]*"/, ' aria-label="Code"');
