// Signing in with the browser of this machine: authorization code with PKCE, and a port of loopback to come back to (RFC 8252).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as oauth from 'oauth4webapi';
import { CommandError } from '../command-error.ts';
import { type Asked, type Issuer, noSecret, said, sessionOf } from './issuer.ts';
import type { Session } from './session.ts';

/** Whether a browser would be seen. */
export const hasBrowser = (): boolean =>
  process.platform === 'darwin' ||
  process.platform === 'win32' ||
  ['BROWSER', 'DISPLAY', 'WAYLAND_DISPLAY'].some((name) => (process.env[name] ?? '') !== '');

const LONGEST_WAIT_MS = 300_000;

/** @param tell prints a line for the user */
export async function byBrowser(asked: Asked, issuer: Issuer, tell: (line: string) => void): Promise<Session> {
  const { server, client, options } = issuer;
  if (server.authorization_endpoint === undefined)
    throw new CommandError('this issuer has no page to sign in at; use --device', 4);
  const back = await returning();
  try {
    const verifier = oauth.generateRandomCodeVerifier();
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
    const redirect = `http://127.0.0.1:${back.port}/callback`;
    const page = new URL(server.authorization_endpoint);
    // No prompt=consent for the refresh token, as OpenID Connect Core has it in section 11: where only an administrator may consent, nobody
    // else could sign in any more. An issuer that insists on it gives none, and one signs in again.
    for (const [name, value] of Object.entries({
      ...{ response_type: 'code', client_id: asked.clientId, redirect_uri: redirect, scope: asked.scope, state, nonce },
      ...{ code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
      ...(asked.resource !== undefined && { resource: asked.resource }),
    }))
      page.searchParams.set(name, value);
    tell(`Sign in with your browser; if it does not open:\n  ${page.href}`);
    openPage(page.href);
    return await said(async () => {
      const answer = oauth.validateAuthResponse(server, client, await back.answer, state);
      const more = {
        ...options,
        ...(asked.resource !== undefined && { additionalParameters: { resource: asked.resource } }),
      };
      const tokens = await oauth.authorizationCodeGrantRequest(
        ...([server, client, noSecret, answer, redirect, verifier, more] as const),
      );
      const isOidc = asked.scope.split(' ').includes('openid');
      const checks = isOidc ? { expectedNonce: nonce, requireIdToken: true } : {};
      return sessionOf(asked, await oauth.processAuthorizationCodeResponse(server, client, tokens, checks));
    });
  } finally {
    back.close();
  }
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>keyvend</title><p>You can close this page; keyvend goes on in the terminal.</p>`;

/** A port that takes one answer, from the browser of this machine. */
async function returning() {
  let arrived: (answer: URLSearchParams) => void;
  const answer = new Promise<URLSearchParams>((resolve) => {
    arrived = resolve;
  });
  const server: Server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    const url = URL.parse(request.url ?? '', `http://127.0.0.1:${port}`);
    // A page that is open in the browser can lead here by another name, or post a form.
    const isOurs = request.method === 'GET' && request.headers.host === `127.0.0.1:${port}`;
    if (!isOurs || url?.pathname !== '/callback') return void response.writeHead(404).end();
    response.writeHead(200, {
      ...{ 'content-type': 'text/html', connection: 'close', 'cache-control': 'no-store' },
      'content-security-policy': "default-src 'none'",
    });
    response.end(PAGE, () => arrived(url.searchParams));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new CommandError('nobody signed in for five minutes', 124)), LONGEST_WAIT_MS);
  return {
    port: (server.address() as AddressInfo).port,
    answer: Promise.race([answer, over]),
    close() {
      clearTimeout(timer);
      server.close();
      server.closeAllConnections();
    },
  };
}

/** It may fail: the address was printed. */
export function openPage(url: string): void {
  const { BROWSER: own = '' } = process.env;
  const [program, ...words]: [string, ...string[]] =
    own !== ''
      ? [own]
      : process.platform === 'darwin'
        ? ['open']
        : process.platform === 'win32'
          ? ['rundll32', 'url.dll,FileProtocolHandler']
          : ['xdg-open'];
  spawn(program, [...words, url], { stdio: 'ignore', detached: true })
    .once('error', () => {})
    .unref();
}
