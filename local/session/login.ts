// `keyvend login` and `keyvend logout`.
import { CommandError } from '../command-error.ts';
import { byBrowser, hasBrowser } from './by-browser.ts';
import { byDevice } from './by-device.ts';
import { type Asked, type Issuer, issuerOf } from './issuer.ts';
import { revoke } from './refresh.ts';
import { forgetProfile, forgetSession, profileUrl, saveProfile, saveSession, sessionAt } from './session.ts';

export interface LoginOptions {
  readonly device: boolean;
  readonly issuer: string | undefined;
  readonly clientId: string | undefined;
  readonly scope: string | undefined;
  readonly resource: string | undefined;
}

/** What the command line is registered as where nobody says something else. */
const CLIENT = 'keyvend-cli';

export async function login(url: string, { device, ...options }: LoginOptions): Promise<void> {
  const { scope, ...settings } = await settingsFor(url, options);
  const issuer = await issuerOf(settings);
  const asked = { url, ...settings, scope: scope ?? usualScope(issuer) };
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  const by = device || !hasBrowser() ? byDevice : byBrowser;
  saveSession(await by(asked, issuer, tell));
  saveProfile(url);
  process.stdout.write(`signed in at ${url}; commands mean this deployment from now on\n`);
}

/** With a refresh token, unless the issuer says that it knows no such scope. */
const usualScope = ({ server: { scopes_supported: known } }: Issuer): string =>
  ['openid', ...(known?.includes('offline_access') === false ? [] : ['offline_access'])].join(' ');

/** @param url undefined for the one that commands mean */
export async function logout(url = profileUrl()): Promise<void> {
  const session = url === undefined ? undefined : sessionAt(url);
  if (url === undefined || session === undefined) throw new CommandError('nobody is signed in', 4);
  forgetSession(url);
  if (profileUrl() === url) forgetProfile();
  await revoke(session);
  process.stdout.write(`signed out at ${url}\n`);
}

/** From the options, else from what the deployment says to its portal. */
async function settingsFor(
  url: string,
  given: Omit<LoginOptions, 'device'>,
): Promise<Omit<Asked, 'url' | 'scope'> & { readonly scope: string | undefined }> {
  const said = given.issuer === undefined ? await portalSettings(url) : {};
  const issuer = given.issuer ?? said.issuer;
  if (issuer === undefined)
    throw new CommandError('this deployment does not say where to sign in; give --issuer and --client-id', 2);
  const [resource, scope] = [given.resource ?? said.resource, given.scope ?? said.scope];
  return {
    issuer,
    clientId: given.clientId ?? CLIENT,
    scope,
    ...(resource !== undefined && { resource }),
  };
}

async function portalSettings(url: string): Promise<{ issuer?: string; scope?: string; resource?: string }> {
  try {
    const answer = await fetch(`${url}/portal/config.json`, { redirect: 'error' });
    const { issuer, scope, resource } = answer.ok ? ((await answer.json()) as Record<string, unknown>) : {};
    return {
      ...(typeof issuer === 'string' && { issuer }),
      ...(typeof scope === 'string' && { scope }),
      ...(typeof resource === 'string' && { resource }),
    };
  } catch {
    throw new CommandError('the deployment cannot be reached; check its address', 1);
  }
}
