// A token that is still valid: the one that is kept, or another one for it.
import * as oauth from 'oauth4webapi';
import { CommandError } from '../command-error.ts';
import { issuerOf, noSecret, said, sessionOf } from './issuer.ts';
import { alone } from './lock.ts';
import { type Session, saveSession, sessionAt } from './session.ts';

const isFresh = ({ staleAtMs = Number.POSITIVE_INFINITY }: Session): boolean => Date.now() < staleAtMs;

/** @throws {CommandError} where one has to sign in again */
export async function freshToken(url: string): Promise<string> {
  const session = sessionAt(url);
  if (session === undefined) throw signIn();
  if (isFresh(session)) return session.accessToken;
  return alone(async () => {
    const now = sessionAt(url); // another process may have been first
    if (now === undefined) throw signIn();
    if (isFresh(now)) return now.accessToken;
    if (now.refreshToken === undefined) throw signIn('the sign-in is over');
    const next = await refreshed(now, now.refreshToken);
    saveSession(next);
    return next.accessToken;
  });
}

async function refreshed(session: Session, refreshToken: string): Promise<Session> {
  const { server, client, options } = await issuerOf(session);
  const more = {
    ...options,
    ...(session.resource !== undefined && { additionalParameters: { resource: session.resource } }),
  };
  return said(async () => {
    const answer = await oauth.refreshTokenGrantRequest(server, client, noSecret, refreshToken, more);
    return sessionOf(session, await oauth.processRefreshTokenResponse(server, client, answer), session);
  }).catch((error: unknown) => {
    throw error instanceof CommandError && error.exit === 4 ? signIn(error.message) : error;
  });
}

export const signIn = (why = 'nobody is signed in there'): CommandError =>
  new CommandError(`${why}; sign in: keyvend login`, 4);

/** Best effort: the issuer is told that the tokens are not used any more. */
export async function revoke(session: Session): Promise<void> {
  const { refreshToken } = session;
  if (refreshToken === undefined) return;
  await issuerOf(session)
    .then(({ server, client, options }) =>
      server.revocation_endpoint === undefined
        ? undefined
        : oauth.revocationRequest(server, client, noSecret, refreshToken, options),
    )
    .catch(() => undefined);
}
