// What the issuer on this machine does for people: its own pages, and behind them OpenID Connect. Loaded when somebody first asks, so that
// whoever has a token already waits for nothing.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Visit } from '../guard.ts';
import { choice, page, STYLE_PATH, sendPage, style } from './pages.ts';
import { isPerson } from './people.ts';
import type { ProviderOptions } from './provider.ts';

const INTERACTION = /^\/interaction\/[\w-]+$/;
const LONGEST_FORM = 4_096;

export function signIn(options: ProviderOptions): RequestListener {
  let loaded: Promise<{ provider: import('oidc-provider').default; callback: RequestListener }> | undefined;
  const load = async () => {
    const { openIdProvider } = await import('./provider.ts');
    const provider = openIdProvider(options);
    return { provider, callback: provider.callback() };
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', options.url);
    if (pathname === STYLE_PATH) return void response.writeHead(200, { 'content-type': 'text/css' }).end(style);
    if (pathname === '/auth' && searchParams.get('prompt') === 'login') forgetSession(request, response);
    loaded ??= load();
    const { provider, callback } = await loaded;
    if (!INTERACTION.test(pathname)) return void callback(request, response);
    const { uid } = await provider.interactionDetails(request, response);
    const chosen = request.method === 'POST' ? new URLSearchParams(await textOf(request)).get('as') : undefined;
    if (!isPerson(chosen)) return sendPage(response, 200, choice(uid));
    await provider.interactionFinished(request, response, { login: { accountId: chosen } });
  }

  return (request, response) => {
    answer(request, response).catch(() =>
      sendPage(
        response,
        400,
        page('That did not work', '<p>This sign-in is over. Begin it again where you came from.</p>'),
      ),
    );
  };
}

/** Whoever is asked anew may be somebody else; the provider would want the one before signed out by a script in a page of its own. */
function forgetSession({ headers }: IncomingMessage, response: ServerResponse): void {
  const cookies = headers.cookie?.split(/;\s*/) ?? [];
  const isSession = (cookie: string) => cookie.startsWith('_session');
  headers.cookie = cookies.filter((cookie) => !isSession(cookie)).join('; ');
  response.setHeader(
    'set-cookie',
    cookies.filter(isSession).map((cookie) => `${cookie.split('=', 1)[0]}=; Path=/; Max-Age=0`),
  );
}

/**
 * Whoever signs in goes to the issuer and back: from a page of this machine to its first page, which leads on to another; and the portal, which has another port, reads
 * what the issuer publishes and exchanges its code. No other page asks anything here.
 */
export const mayVisit =
  (portal: () => string) =>
  ({ method, path, origin, site, isNavigation }: Visit): boolean =>
    origin === undefined
      ? method === 'GET' && isNavigation && site === 'same-site' && (path === '/auth' || INTERACTION.test(path))
      : origin === portal() &&
        site !== 'cross-site' &&
        Object.hasOwn(ofThePortal, path) &&
        ofThePortal[path] === method;

const ofThePortal: Readonly<Record<string, string>> = {
  '/.well-known/openid-configuration': 'GET',
  '/token': 'POST',
};

/** Forms that this server takes: those of its own pages, which a browser says the origin of, and those of a program, which has none. */
export const takesForm = (path: string): boolean =>
  INTERACTION.test(path) || ['/token', '/device', '/device/auth'].includes(path) || path.startsWith('/device/');

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk;
    if (text.length > LONGEST_FORM) throw new Error('too long');
  }
  return text;
}
