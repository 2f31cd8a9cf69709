// Bearer tokens (RFC 6750), verified here and not by the gateway, so that callers get our own codes.
import { decodeJwt } from 'jose';
import { JOSEError, JWTClaimValidationFailed, JWTExpired } from 'jose/errors';
import type { Clock } from '../clock.ts';
import { VendingError } from '../errors.ts';
import { type IssuerOptions, trustedIssuers } from './issuer.ts';
import type { TokenHolder } from './principal.ts';
import { signedToken } from './signature.ts';
import { CLOCK_TOLERANCE_S, checkToken } from './token-rules.ts';

/**
 * @param authorization the header's value
 * @param leftMs how long the request can wait for the issuer's keys
 * @throws {VendingError} TOKEN_MISSING, TOKEN_REFUSED and the other codes of tokens, ISSUER_UNREACHABLE
 */
export type Verify = (authorization: string | undefined, leftMs: number) => Promise<TokenHolder>;

/** @throws {TypeError} for issuers that cannot be told apart, or would let in everybody */
export function bearer(issuers: readonly IssuerOptions[], clock: Clock): Verify {
  const trusted = trustedIssuers(issuers);

  async function verified(token: string, leftMs: number): Promise<TokenHolder> {
    // Not verified yet: it only says which keys to verify with, of those that are configured. `jwtVerify` looks at it again.
    const options = trusted.get(decodeJwt(token).iss ?? '');
    if (options === undefined) throw refused();
    const nowMs = clock.wallMs();
    const { issuer, audience, keys } = options;
    const rules = {
      issuer,
      ...(audience !== undefined && { audience: [audience].flat() }),
      currentDate: new Date(nowMs),
      clockTolerance: CLOCK_TOLERANCE_S,
      requiredClaims: ['exp', 'sub'],
    };
    const { payload, protectedHeader } = await signedToken(keys, token, rules, leftMs);
    checkToken(protectedHeader, payload, options, Math.floor(nowMs / 1_000));
    return { kind: 'token', id: `${issuer} ${payload.sub}`, issuer: options.name, claims: payload };
  }

  return async (authorization, leftMs) => {
    const token = /^Bearer +([\w.~+/=-]+) *$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw new VendingError('TOKEN_MISSING', 'The request has no bearer token');
    return verified(token, leftMs).catch((error: unknown) => {
      throw error instanceof JOSEError ? failureOf(error) : error;
    });
  };
}

const refused = () => new VendingError('TOKEN_REFUSED', 'The token is not accepted here');

/** jose's errors quote the token, so they are not passed on, not even as a cause. */
function failureOf(error: JOSEError): VendingError {
  if (error instanceof JWTExpired) return new VendingError('TOKEN_EXPIRED', 'The token has expired');
  const claim = error instanceof JWTClaimValidationFailed ? error : undefined;
  if (claim?.claim === 'aud') return new VendingError('TOKEN_AUDIENCE', 'The token is meant for another service');
  if (claim?.claim === 'nbf' && claim.reason === 'check_failed') {
    return new VendingError('TOKEN_EARLY', 'The token is not valid yet');
  }
  return refused();
}
