// Signing in: authorization code and PKCE in the same window. The token is in memory alone; what has to outlive the way to the issuer and
// back (verifier, state, nonce, the place and half-filled forms) is in sessionStorage until then.
import * as oauth from 'oauth4webapi';
import { keepDrafts, restoreDrafts } from './drafts.ts';
import type { Settings } from './settings.ts';

export interface Session {
  readonly token: string;
  /** Whose it is, as the issuer says. */
  readonly who: string;
  readonly endsAtMs?: number;
}

/** Why nobody is signed in, in the issuer's words where it has some. */
export interface SignInFailure {
  readonly error: string;
  readonly description?: string;
}

const KEPT = 'keyvend.sign-in';
interface Kept {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly place: string;
  readonly drafts: Record<string, unknown>;
}

const here = () => location.origin + location.pathname;

const overHttp = ({ issuer }: Settings) => ({
  [oauth.allowInsecureRequests]: /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:|\/|$)/.test(issuer),
});

async function serverOf(settings: Settings): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(settings.issuer);
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, overHttp(settings)));
}

/** Leaves the page. @param anew asks even whoever has a session at the issuer, as somebody who signed out */
export async function beginSignIn(settings: Settings, { anew = false } = {}): Promise<never> {
  const server = await serverOf(settings);
  const [state, nonce, verifier] = [
    oauth.generateRandomState(),
    oauth.generateRandomNonce(),
    oauth.generateRandomCodeVerifier(),
  ];
  const kept: Kept = { state, nonce, verifier, place: location.hash, drafts: keepDrafts() };
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
  const url = new URL(server.authorization_endpoint ?? '');
  const parameters = {
    response_type: 'code',
    client_id: settings.clientId,
    redirect_uri: here(),
    scope: settings.scope ?? 'openid',
    ...{
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    },
    ...(settings.resource && { resource: settings.resource }),
    ...(anew && { prompt: 'login' }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  location.assign(url);
  return new Promise(() => {});
}

/** @returns undefined where nobody comes back from an issuer */
export async function finishSignIn(settings: Settings): Promise<Session | SignInFailure | undefined> {
  const url = new URL(location.href);
  if (!url.searchParams.has('state')) return undefined;
  const text = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  const kept = text === null ? undefined : (JSON.parse(text) as Kept);
  history.replaceState(null, '', here() + (kept?.place ?? ''));
  if (kept === undefined) return { error: 'state' };
  restoreDrafts(kept.drafts);
  try {
    return await exchanged(settings, url, kept);
  } catch (error) {
    return failureOf(error);
  }
}

async function exchanged(settings: Settings, url: URL, { state, nonce, verifier }: Kept): Promise<Session> {
  const [server, client] = [await serverOf(settings), { client_id: settings.clientId }];
  const code = oauth.validateAuthResponse(server, client, url, state);
  const answer = await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), code, here(), verifier, {
    ...overHttp(settings),
    ...(settings.resource && { additionalParameters: { resource: settings.resource } }),
  });
  const isOpenId = (settings.scope ?? 'openid').split(' ').includes('openid');
  const tokens = await oauth.processAuthorizationCodeResponse(
    server,
    client,
    answer,
    isOpenId ? { expectedNonce: nonce, requireIdToken: true } : {},
  );
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  const said = claims?.name ?? claims?.preferred_username ?? claims?.sub;
  return {
    token: tokens.access_token,
    who: typeof said === 'string' ? said : '',
    ...(tokens.expires_in !== undefined && { endsAtMs: Date.now() + tokens.expires_in * 1_000 }),
  };
}

export function failureOf(error: unknown): SignInFailure {
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError)
    return { error: error.error, ...(error.error_description && { description: error.error_description }) };
  return { error: error instanceof TypeError ? 'unreachable' : ((error as { code?: string }).code ?? 'failed') };
}
