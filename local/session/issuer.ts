// An issuer as a client of its own machine sees it: what it says of itself, and what it answers.
import * as oauth from 'oauth4webapi';
import { CommandError } from '../command-error.ts';
import { isLoopback, type Session } from './session.ts';

export type Asked = Pick<Session, 'url' | 'issuer' | 'clientId' | 'scope' | 'resource'>;

export interface Issuer {
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  readonly options: { readonly [oauth.allowInsecureRequests]?: boolean };
}

/** A client of this kind has no secret that it could keep. */
export const noSecret = oauth.None();

/** Plain http is for an issuer on this machine. */
export async function issuerOf({ issuer, clientId }: Pick<Asked, 'issuer' | 'clientId'>): Promise<Issuer> {
  const url = URL.parse(issuer);
  if (url === null) throw new CommandError('the issuer is a URL, with its scheme', 2);
  const options = { [oauth.allowInsecureRequests]: isLoopback(url) };
  const server = await said(async () =>
    oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, { ...options, algorithm: 'oidc' })),
  );
  return { server, client: { client_id: clientId }, options };
}

/** What to keep of an answer with tokens. */
export const sessionOf = (asked: Asked, answer: oauth.TokenEndpointResponse, before?: Session): Session => {
  const { access_token: accessToken, expires_in: seconds, refresh_token: refreshToken = before?.refreshToken } = answer;
  return {
    ...{ url: asked.url, issuer: asked.issuer, clientId: asked.clientId, scope: asked.scope },
    ...(asked.resource !== undefined && { resource: asked.resource }),
    accessToken,
    // A tenth early: a request takes its time, and clocks differ.
    ...(seconds !== undefined && { staleAtMs: Date.now() + seconds * 900 }),
    ...(refreshToken !== undefined && { refreshToken }),
  };
};

/** @throws {CommandError} with what the issuer says of it */
export async function said<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError)
      throw new CommandError(`the issuer refuses: ${shown(error.error, error.error_description)}`, 4);
    if (error instanceof oauth.OperationProcessingError || error instanceof oauth.WWWAuthenticateChallengeError)
      throw new CommandError(`the issuer's answer is not what it should be (${error.code})`, 4);
    if (error instanceof TypeError) throw new CommandError('the issuer cannot be reached', 1);
    throw error;
  }
}

/** Its words, without what a terminal would obey. */
const shown = (code: string, description = ''): string =>
  `${code}${description === '' ? '' : `, ${description}`}`.replaceAll(/\p{C}/gu, '').slice(0, 300);
