// Whether one of an issuer's keys signed a token, and jose's own rules for its claims (RFC 7515, RFC 7519).
import { type JWTVerifyGetKey, type JWTVerifyOptions, type JWTVerifyResult, jwtVerify } from 'jose';
import { JOSEError, JWKSMultipleMatchingKeys, JWKSNoMatchingKey, JWSSignatureVerificationFailed } from 'jose/errors';
import { VendingError } from '../errors.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import type { KeySet } from './key-set.ts';

// Asymmetric ones only: with a shared secret, anyone who can verify a token could issue one. RFC 7518, 8037 and 9864.
const rsaAndEc = ['RS', 'PS', 'ES'].flatMap((kind) => [256, 384, 512].map((bits) => `${kind}${bits}`));
const algorithms = [...rsaAndEc, 'EdDSA', 'Ed25519'];

/**
 * Asks for newer keys when none of those at hand fits: a new one may have been published, even under a `kid` that is known.
 * @throws {JOSEError} for a token that is not as it should be
 * @throws {VendingError} TOKEN_KEY_WEAK, ISSUER_UNREACHABLE
 */
export async function signedToken(
  keys: IssuerKeys,
  token: string,
  rules: JWTVerifyOptions,
  leftMs: number,
): Promise<JWTVerifyResult> {
  const options = { ...rules, algorithms };
  const seen = await keys.current(leftMs);
  return verifiedWith(seen, token, options).catch(async (error: unknown) => {
    const forged = error instanceof JWSSignatureVerificationFailed;
    const unknown = error instanceof JWKSNoMatchingKey || error instanceof VendingError;
    if (!forged && !unknown) throw error;
    const newer = await keys.newerThan(seen, leftMs).catch((unreachable: unknown) => {
      throw forged ? error : unreachable; // we do have the key, and it says no
    });
    if (newer === seen) throw error;
    return verifiedWith(newer, token, options);
  });
}

async function verifiedWith({ keyFor, dropped }: KeySet, token: string, options: JWTVerifyOptions) {
  const key: JWTVerifyGetKey = (header, jws) =>
    keyFor(header, jws).catch((error: unknown) => {
      const isWeak = dropped.some(({ kid, reason }) => reason === 'weak RSA' && kid === header.kid);
      if (isWeak && error instanceof JWKSNoMatchingKey) {
        throw new VendingError('TOKEN_KEY_WEAK', 'The token is signed with a key that is too weak');
      }
      throw error instanceof JOSEError ? error : new JWKSNoMatchingKey(); // a key that cannot be read is no key
    });
  try {
    return await jwtVerify(token, key, options);
  } catch (error) {
    if (!(error instanceof JWKSMultipleMatchingKeys)) throw error;
    return verifiedWithOneOf(error, token, options);
  }
}

/** Several keys of one `kid`, or a token that names none. Not an error: the one bad key would lock out everybody. */
async function verifiedWithOneOf(candidates: JWKSMultipleMatchingKeys, token: string, options: JWTVerifyOptions) {
  for await (const key of candidates) {
    try {
      return await jwtVerify(token, key, options);
    } catch (error) {
      if (!(error instanceof JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new JWSSignatureVerificationFailed();
}
