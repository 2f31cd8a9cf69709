// Bearer tokens (RFC 6750), verified here and not by the gateway, so that callers get our own codes.
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { JOSEError, JWKSNoMatchingKey, JWTClaimValidationFailed, JWTExpired } from 'jose/errors';
import { VendingError } from '../errors.ts';

/** Who calls, by a verified token. */
export interface Caller {
  /** Issuer and subject; what the ledger stores, and what idempotency keys are scoped to. */
  readonly id: string;
}

export interface BearerOptions {
  readonly issuer: string;
  readonly audience: string;
  /** The issuer's public keys; asked again, at most once a minute, for a token whose key is not among them. */
  readonly keys: () => Promise<JSONWebKeySet>;
  /** Wall-clock milliseconds. */
  readonly nowMs: () => number;
}

// Asymmetric ones only: with a shared secret, anyone who can verify a token could issue one.
const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const ASK_AGAIN_MS = 60_000;

export function bearer({ issuer, audience, keys, nowMs }: BearerOptions) {
  let known: { set: ReturnType<typeof createLocalJWKSet>; askedAtMs: number } | undefined;
  const fresh = async () => {
    known = { set: createLocalJWKSet(await keys()), askedAtMs: nowMs() };
    return known.set;
  };

  async function verified(token: string): Promise<Caller> {
    const options = { issuer, audience, algorithms, currentDate: new Date(nowMs()), requiredClaims: ['exp', 'sub'] };
    const check = async (set: ReturnType<typeof createLocalJWKSet>) => (await jwtVerify(token, set, options)).payload;
    const claims = await check(known?.set ?? (await fresh())).catch(async (error: unknown) => {
      const stale = known !== undefined && nowMs() - known.askedAtMs >= ASK_AGAIN_MS;
      if (error instanceof JWKSNoMatchingKey && stale) return check(await fresh());
      throw error;
    });
    return { id: `${claims.iss} ${claims.sub}` };
  }

  /** @param authorization the header's value */
  return async (authorization: string | undefined): Promise<Caller> => {
    const token = /^Bearer +([A-Za-z0-9_.-]+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw new VendingError('TOKEN_MISSING', 'The request has no bearer token');
    return verified(token).catch((error: unknown) => {
      if (error instanceof JWTExpired) throw new VendingError('TOKEN_EXPIRED', 'The token has expired');
      if (error instanceof JWTClaimValidationFailed && error.claim === 'aud') {
        throw new VendingError('TOKEN_AUDIENCE', 'The token is meant for another service');
      }
      if (error instanceof JOSEError) throw new VendingError('TOKEN_REFUSED', 'The token is not accepted here');
      throw error;
    });
  };
}
