// A token issuer for one machine: RS256, keys published where the functions look for them. Its private key is made at every
// start and never leaves this process, so tokens of an earlier start are not valid any more.
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { guardedServer } from '../guard.ts';
import { mayVisit, signIn, takesForm } from '../sign-in/sign-in.ts';

export interface Issuer {
  /** RFC 7517, public halves only. */
  readonly keys: { readonly keys: readonly object[] };
  /** Its private key, for whatever else of this process signs in its name. */
  readonly signingKey: object;
  /** @param hours how long it is valid; a token for longer than a day is not accepted @param claims besides the usual ones */
  token(subject: string, hours: number, claims?: JWTPayload): Promise<string>;
}

export async function issuer(name: string, audience: string): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const marks = { kid: crypto.randomUUID(), alg: 'RS256', use: 'sig' };
  const { kid } = marks;
  return {
    keys: { keys: [{ ...(await exportJWK(publicKey)), ...marks }] },
    signingKey: { ...(await exportJWK(privateKey)), ...marks },
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
  /** From then on people can sign in here, at `url`. @param portal where the portal's page is */
  openTo(portal: string): void;
  stop(): Promise<void>;
}

/** On loopback, with its keys and what it says of itself. Source: OpenID Connect Discovery 1.0, section 4. @param port 0 for any free one */
export async function servedIssuer(
  audience: string,
  { name, port = 0 }: { readonly name?: string; readonly port?: number } = {},
): Promise<ServedIssuer> {
  let documents: Readonly<Record<string, object>> = {};
  let pages: { readonly portal: string; readonly answer: RequestListener } | undefined;
  const server = await guardedServer(
    (request, response) => {
      const document = request.method === 'GET' ? documents[request.url ?? ''] : undefined;
      // The keys are asked for by every stack: for them alone, nothing else is loaded.
      if (pages !== undefined && document !== documents['/jwks']) return pages.answer(request, response);
      response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(document ?? { message: 'Not Found' }));
    },
    port,
    {
      mayVisit: mayVisit(() => (pages === undefined ? '' : new URL(pages.portal).origin)),
      takesForm: (path) => pages !== undefined && takesForm(path),
    },
  );
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keysUri = `${url}/jwks`;
  const { keys, token, signingKey } = await issuer(name ?? url, audience);
  documents = { '/jwks': keys, '/.well-known/openid-configuration': { issuer: name ?? url, jwks_uri: keysUri } };
  return {
    ...{ url, keysUri, token },
    openTo(portal) {
      pages = { portal, answer: signIn({ url, tokensOf: name ?? url, audience, key: signingKey, portal }) };
    },
    async stop() {
      const gone = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await gone;
    },
  };
}
