// What a private key consists of, as its text gives it; whether the parts belong together is checked afterwards.
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { fromNumber, join } from './bytes.ts';
import { unreadable } from './unreadable.ts';

/** RFC 8017 section 3.2, in the names of its appendix A.1.2. */
export interface RsaNumbers {
  readonly n: bigint;
  readonly e: bigint;
  readonly d: bigint;
  readonly p: bigint;
  readonly q: bigint;
  /** d mod (p - 1) and d mod (q - 1); openssh-key-v1 leaves them out. */
  readonly dp?: bigint;
  readonly dq?: bigint;
  readonly qinv: bigint;
}

/** RFC 8032 section 5.1.5; 32 octets each. PKCS#8 may leave the public half out. */
interface Ed25519Octets {
  readonly seed: Buffer;
  readonly publicHalf?: Buffer;
}

export type KeyMaterial = ({ type: 'ssh-rsa' } & RsaNumbers) | ({ type: 'ssh-ed25519' } & Ed25519Octets);

export const otherType = () => unreadable('The private key is neither a two-prime RSA key nor an ed25519 key');
export const encrypted = () => unreadable('The private key is encrypted');
export const mismatch = () => unreadable("The private key's halves do not belong together");

/**
 * The key as node:crypto holds it, once its halves are known to belong together.
 * @throws {VendingError} KEY_UNREADABLE when they do not, or for RSA below 1024 bits (OpenSSH refuses it) or above
 * 4096 (no service here makes one, and checking it would cost a request tens of milliseconds)
 */
export const checkedKey = (material: KeyMaterial): KeyObject =>
  material.type === 'ssh-rsa' ? checkedRsa(material) : checkedEd25519(material);

function checkedRsa(numbers: RsaNumbers): KeyObject {
  const bits = numbers.n.toString(2).length;
  if (bits < 1024 || bits > 4096) throw unreadable('The private key is an RSA key outside 1024 to 4096 bits');
  if (!consistent(numbers)) throw mismatch();
  const { n, e, d, p, q, qinv } = numbers;
  const jwk = { n, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: qinv };
  const encoded = Object.entries(jwk).map(([name, value]) => [name, fromNumber(value).toString('base64url')]);
  // The numbers fit any p and q, prime or not; only with primes does a signature verify.
  const proof = Buffer.from('keyvend');
  try {
    const key = createPrivateKey({ key: { kty: 'RSA', ...Object.fromEntries(encoded) }, format: 'jwk' });
    if (verify('sha256', proof, createPublicKey(key), sign('sha256', proof, key))) return key;
  } catch {
    // OpenSSL refused the key. Its words are not passed on: see `unreadable`.
  }
  throw mismatch();
}

/** RFC 8017 section 3.2. The sizes come first, so that no later step divides by zero or works on huge numbers. */
const consistent = ({ n, e, d, p, q, dp, dq, qinv }: RsaNumbers): boolean =>
  [e, d, p, q].every((number) => number > 1n && number < n) &&
  p * q === n &&
  (e * d) % (p - 1n) === 1n &&
  (e * d) % (q - 1n) === 1n &&
  (dp === undefined || dp === d % (p - 1n)) &&
  (dq === undefined || dq === d % (q - 1n)) &&
  qinv < p &&
  (q * qinv) % p === 1n;

/** RFC 8410 section 7: all of a PKCS#8 ed25519 key that comes before the seed. */
const beforeSeed = Buffer.from('302e020100300506032b657004220420', 'hex');

function checkedEd25519({ seed, publicHalf }: Ed25519Octets): KeyObject {
  const key = createPrivateKey({ key: join([beforeSeed, seed]), format: 'der', type: 'pkcs8' });
  const derived = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
  if (publicHalf && !derived.equals(publicHalf)) throw mismatch();
  return key;
}
