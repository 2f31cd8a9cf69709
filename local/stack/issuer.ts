// A token issuer for one machine: RS256, keys published where the functions look for them. Its private key is made at every
// start and never leaves this process, so tokens of an earlier start are not valid any more.
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

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
