// What a token must be beyond its signature, its issuer and its time: an access token (RFC 9068, RFC 8725 section 3.11) that is
// meant for us, for a while, and that says who is calling.
import type { JWTHeaderParameters, JWTPayload } from 'jose';
import { type FailureCode, VendingError } from '../errors.ts';
import { claimAt, isOneOf, one } from './claims.ts';
import type { IssuerOptions } from './issuer.ts';

/** How far the clocks of an issuer and of this machine may be apart. */
export const CLOCK_TOLERANCE_S = 5;
const DAY_S = 86_400;

const says: Partial<Record<FailureCode, string>> = {
  TOKEN_KIND: 'The token is not an access token',
  TOKEN_EARLY: 'The token is not valid yet',
  TOKEN_LIFETIME: 'The token is valid for longer than is accepted here',
  TOKEN_AUDIENCE: 'The token is meant for another service',
  TOKEN_REFUSED: 'The token does not say who is calling',
};

/** @throws {VendingError} TOKEN_KIND, TOKEN_EARLY, TOKEN_LIFETIME, TOKEN_AUDIENCE, TOKEN_REFUSED; without a word of the token */
export function checkToken(header: JWTHeaderParameters, claims: JWTPayload, issuer: IssuerOptions, nowS: number): void {
  const code = failureOf(header, claims, issuer, nowS);
  if (code !== undefined) throw new VendingError(code, says[code]!);
}

function failureOf(
  header: JWTHeaderParameters,
  claims: JWTPayload,
  { idTokens = false, maxLifetimeSeconds = DAY_S, require = {} }: IssuerOptions,
  nowS: number,
): FailureCode | undefined {
  const { iat = nowS, exp = Number.POSITIVE_INFINITY, sub } = claims;
  if (isOfAnotherKind(header, claims) || (!idTokens && isIdToken(claims))) return 'TOKEN_KIND';
  if (iat > nowS + CLOCK_TOLERANCE_S) return 'TOKEN_EARLY';
  // `1e999` is a number in JSON, and then there is no end to it.
  if (exp === Number.POSITIVE_INFINITY || exp - iat > maxLifetimeSeconds + CLOCK_TOLERANCE_S) return 'TOKEN_LIFETIME';
  for (const [path, listed] of Object.entries(require)) {
    if (!isOneOf(claimAt(claims, path), listed)) return 'TOKEN_AUDIENCE';
  }
  return isSubject(sub) ? undefined : 'TOKEN_REFUSED';
}

/** Tokens of logout (OpenID back-channel logout, SET) and for refreshing, whichever issuer: nobody calls a service with these. */
const isOfAnotherKind = ({ typ = 'JWT' }: JWTHeaderParameters, claims: JWTPayload): boolean =>
  !/^(jwt|(application\/)?at\+jwt)$/i.test(one(typ) ?? '') ||
  claims.events !== undefined ||
  isOneOf(claims.typ, ['Refresh', 'Offline', 'Logout']); // Keycloak's

/** No standard marks ID tokens; these are claims that only they have (OpenID Connect Core), and Cognito's and Keycloak's own. */
const isIdToken = (claims: JWTPayload): boolean =>
  ['nonce', 'at_hash', 'c_hash', 's_hash'].some((name) => claims[name] !== undefined) ||
  claims.token_use === 'id' ||
  claims.typ === 'ID';

/** What is kept as the caller: one line that can be read, and not the same for everything that is not a string. */
const isSubject = (sub: unknown): boolean =>
  typeof sub === 'string' && sub.length <= 255 && /\S/.test(sub) && !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(sub);
