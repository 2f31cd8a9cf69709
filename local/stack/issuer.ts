// A token issuer for one machine: RS256, keys published where the functions look for them. Its private key is made at every
// start and never leaves this process, so tokens of an earlier start are not valid any more.
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export interface Issuer {
  /** RFC 7517, public halves only. */
  readonly keys: { readonly keys: readonly object[] };
  /** @param hours how long it is valid */
  token(subject: string, hours: number): Promise<string>;
}

export async function issuer(name: string, audience: string): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const kid = crypto.randomUUID();
  return {
    keys: { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }] },
    token: (subject, hours) =>
      new SignJWT()
        .setProtectedHeader({ alg: 'RS256', kid })
        .setIssuer(name)
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime(`${hours}h`)
        .sign(privateKey),
  };
}
