// Signing in with a browser elsewhere: a code to type there (RFC 8628).
import * as oauth from 'oauth4webapi';
import { wait } from '../../lib/clock.ts';
import { CommandError } from '../command-error.ts';
import { type Asked, type Issuer, noSecret, said, sessionOf } from './issuer.ts';
import type { Session } from './session.ts';

/** @param tell prints a line for the user */
export async function byDevice(asked: Asked, issuer: Issuer, tell: (line: string) => void): Promise<Session> {
  const { server, client, options } = issuer;
  if (server.device_authorization_endpoint === undefined)
    throw new CommandError('this issuer gives no codes for other devices; sign in where there is a browser', 4);
  const resource = asked.resource === undefined ? {} : { resource: asked.resource };
  const begun = await said(async () =>
    oauth.processDeviceAuthorizationResponse(
      ...([server, client] as const),
      await oauth.deviceAuthorizationRequest(server, client, noSecret, { scope: asked.scope, ...resource }, options),
    ),
  );
  tell(`Open this page in any browser, and type the code ${begun.user_code}:\n  ${begun.verification_uri}`);
  const endMs = Date.now() + 1_000 * begun.expires_in;
  for (let everyMs = 1_000 * (begun.interval ?? 5); Date.now() < endMs; ) {
    await wait(everyMs);
    const tokens = await said(async () => {
      const more = { ...options, additionalParameters: resource };
      const answer = await oauth.deviceCodeGrantRequest(server, client, noSecret, begun.device_code, more);
      return oauth.processDeviceCodeResponse(server, client, answer).catch((error: unknown) => {
        const { error: code } = error as { error?: string };
        if (code === 'slow_down') everyMs += 5_000;
        if (code === 'slow_down' || code === 'authorization_pending') return undefined;
        throw error;
      });
    });
    if (tokens !== undefined) return sessionOf(asked, tokens);
  }
  throw new CommandError('nobody typed the code in time', 124);
}
