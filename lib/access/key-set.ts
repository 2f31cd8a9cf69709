// Which of the keys that an issuer publishes may verify a token (RFC 7517; RFC 8725 section 3.5).
import { createLocalJWKSet, type JWK } from 'jose';

const MOST_KEYS = 100;
const LEAST_RSA_BITS = 2048;

export interface KeySet {
  /** jose's choice by `kid`, `alg`, `use` and kind of key. */
  readonly keyFor: ReturnType<typeof createLocalJWKSet>;
  /** Those left out, because of themselves and not of what they are for. */
  readonly dropped: readonly DroppedKey[];
  /** How many are left. */
  readonly size: number;
}

export interface DroppedKey {
  readonly kid: unknown;
  readonly reason: 'symmetric' | 'private' | 'weak RSA';
}

/** @throws {Error} for what is no set of keys, or too large a one. One bad key does not spoil the others. */
export function keySetOf(document: unknown): KeySet {
  const published = (document as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(published)) throw new Error('not a key set');
  if (published.length > MOST_KEYS) throw new Error('too many keys');
  const dropped: DroppedKey[] = [];
  const keys = published.filter((key: JWK | null) => {
    if (typeof key !== 'object' || key === null || Array.isArray(key)) return false;
    if (key.use !== undefined && key.use !== 'sig') return false; // for encryption, as Keycloak has one
    const reason = flawOf(key);
    if (reason !== undefined) dropped.push({ kid: key.kid, reason });
    return reason === undefined;
  });
  return { keyFor: createLocalJWKSet({ keys }), dropped, size: keys.length };
}

/** What everybody can read must not be what signs: a secret, or the private half of a pair. */
function flawOf(key: JWK): DroppedKey['reason'] | undefined {
  if (key.kty === 'oct') return 'symmetric';
  if (key.d !== undefined || key.priv !== undefined) return 'private';
  if (key.kty !== 'RSA') return undefined;
  // Under the exponent 1 a text is its own signature, and Node takes such a key.
  return bitsOf(key.n) < LEAST_RSA_BITS || bitsOf(key.e) < 2 ? 'weak RSA' : undefined;
}

/** Without leading zeros, which make a number look larger than it is. */
function bitsOf(base64url: unknown): number {
  const bytes = Buffer.from(String(base64url), 'base64url');
  const first = bytes.findIndex((byte) => byte !== 0);
  return first === -1 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first]!) + 24;
}
