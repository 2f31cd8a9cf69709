// A token issuer for one machine: RS256, keys published where the functions look for them. Its private key is made at every
// start and never leaves this process, so tokens of an earlier start are not valid any more.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { guardedServer } from '../guard.ts';

export interface Issuer {
  /** RFC 7517, public halves only. */
  readonly keys: { readonly keys: readonly object[] };
  /** @param hours how long it is valid; a token for longer than a day is not accepted @param claims besides the usual ones */
  token(subject: string, hours: number, claims?: JWTPayload): Promise<string>;
}

export async function issuer(name: string, audience: string): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const kid = crypto.randomUUID();
  return {
    keys: { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }] },
    token: (subject, hours, claims = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid })
        .setIssuer(name)
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime(`${hours}h`)
        .sign(privateKey),
  };
}

export interface ServedIssuer extends Pick<Issuer, 'token'> {
  /** Its name as well, unless it was given another one. */
  readonly url: string;
  /** Where its keys are. */
  readonly keysUri: string;
  stop(): Promise<void>;
}

/** On loopback, with its keys and what it says of itself. Source: OpenID Connect Discovery 1.0, section 4. @param port 0 for any free one */
export async function servedIssuer(
  audience: string,
  { name, port = 0 }: { readonly name?: string; readonly port?: number } = {},
): Promise<ServedIssuer> {
  let documents: Readonly<Record<string, object>> = {};
  const server = await guardedServer(({ method, url = '' }, response) => {
    const document = method === 'GET' ? documents[url] : undefined;
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? { message: 'Not Found' }));
  }, port);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keysUri = `${url}/jwks`;
  const { keys, token } = await issuer(name ?? url, audience);
  documents = { '/jwks': keys, '/.well-known/openid-configuration': { issuer: name ?? url, jwks_uri: keysUri } };
  return {
    ...{ url, keysUri, token },
    async stop() {
      const gone = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await gone;
    },
  };
}
