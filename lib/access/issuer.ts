// An issuer of tokens that this service trusts, and for what.
import type { IssuerKeys } from './issuer-keys.ts';

export interface IssuerOptions {
  /** How configuration, log and callers' permissions call it. */
  readonly name: string;
  /** The tokens' `iss`, byte for byte. */
  readonly issuer: string;
  /** The token's `aud` has to be, or to hold, one of these. */
  readonly audience?: string | readonly string[];
  /** Claims by path (`claimAt` in claims.ts), each of which has to be, or to hold, one of the listed strings. */
  readonly require?: Readonly<Record<string, string | readonly string[]>>;
  /** Whether its ID tokens are meant as well: at GitHub, GitLab and Google there are no others. Default false. */
  readonly idTokens?: boolean;
  /** The longest time from `iat` to `exp`. Default 86400, a day; `Infinity` for none. */
  readonly maxLifetimeSeconds?: number;
  /** Never shared: a key vouches for its own issuer alone. */
  readonly keys: IssuerKeys;
}

/**
 * @returns by their `iss`
 * @throws {TypeError} where it would not be certain whom a token speaks for, or that it speaks to us: an issuer that has neither
 *   an audience nor a required claim would let in every token it ever issued to anyone
 */
export function trustedIssuers(all: readonly IssuerOptions[]): ReadonlyMap<string, IssuerOptions> {
  if (all.length === 0) throw new TypeError('no token issuer is trusted');
  for (const { name, issuer, audience, require = {}, maxLifetimeSeconds = 1 } of all) {
    const required = Object.values(require);
    if (!/^\S+$/.test(issuer)) throw new TypeError(`issuer ${name}: iss is empty or has blanks`);
    if (audience === undefined && required.length === 0) {
      throw new TypeError(`issuer ${name}: needs an audience or a required claim`);
    }
    if ([...(audience === undefined ? [] : [audience]), ...required].some(isNothing)) {
      throw new TypeError(`issuer ${name}: an audience or a required claim is empty`);
    }
    if (!(maxLifetimeSeconds > 0)) throw new TypeError(`issuer ${name}: the longest lifetime is not above 0`);
  }
  for (const field of ['name', 'issuer'] as const) {
    if (new Set(all.map((one) => one[field])).size < all.length)
      throw new TypeError(`two issuers have the same ${field}`);
  }
  return new Map(all.map((one) => [one.issuer, one]));
}

const isNothing = (listed: string | readonly string[]) =>
  listed.length === 0 || (typeof listed !== 'string' && listed.includes(''));
