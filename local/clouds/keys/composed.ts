// RSA keys put together from primes made before: real, valid and distinct, but two of them may share a prime, and then
// anyone holding both public keys can compute both private ones. For tests only.
import { createPrivateKey, generatePrime, type KeyObject } from 'node:crypto';

/** OpenSSL sets a prime's two highest bits, so every product has the full size. */
const makePrime = (bits: number): Promise<bigint> =>
  new Promise((resolve, reject) => {
    generatePrime(bits, { bigint: true }, (error, prime) => (error ? reject(error) : resolve(prime)));
  });
const e = 65537n;

/** Primes of one size, and which two of them come next. No two are ever combined twice. */
export class PrimeStock {
  readonly #bits: number;
  readonly #primes: bigint[] = [];
  // The next pair, counted through (1,0) (2,0) (2,1) (3,0) ...: each index meets every smaller one once.
  #left = 1;
  #right = 0;
  #growing: Promise<void> | undefined;

  /** @param modulusBits the size of the keys; each prime has half of it */
  constructor(modulusBits: number) {
    this.#bits = modulusBits / 2;
  }

  /** How many keys can be composed from what is there. */
  get left(): number {
    const n = this.#primes.length;
    return (n * (n - 1)) / 2 - (this.#left * (this.#left - 1)) / 2 - this.#right;
  }

  /** Adds one prime; callers that ask while one is being made share it, so that a burst does not make hundreds. */
  grow(): Promise<void> {
    this.#growing ??= makePrime(this.#bits)
      .then((prime) => {
        // e must have an inverse modulo p - 1.
        if (prime % e !== 1n && !this.#primes.includes(prime)) this.#primes.push(prime);
      })
      .finally(() => {
        this.#growing = undefined;
      });
    return this.#growing;
  }

  /** @returns undefined when every combination has been used */
  compose(): KeyObject | undefined {
    const [p, q] = [this.#primes[this.#left], this.#primes[this.#right]];
    if (p === undefined || q === undefined) return undefined;
    this.#right += 1;
    if (this.#right === this.#left) [this.#left, this.#right] = [this.#left + 1, 0];
    return fromPrimes(p, q);
  }
}

/** RFC 8017 section 3.2. */
function fromPrimes(p: bigint, q: bigint): KeyObject {
  const numbers = {
    n: p * q,
    e,
    d: inverseOfE((p - 1n) * (q - 1n)),
    p,
    q,
    dp: inverseOfE(p - 1n),
    dq: inverseOfE(q - 1n),
    qi: inverse(q, p),
  };
  const jwk = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, base64url(value)]));
  return createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' });
}

/** e is small, so its inverse needs no long Euclid: (1 + k·m) / e for the one k below e that makes it whole. */
function inverseOfE(m: bigint): bigint {
  const k = e - inverse(m % e, e);
  return (1n + k * m) / e;
}

function inverse(a: bigint, m: bigint): bigint {
  let [r, next] = [m, a % m];
  let [t, nextT] = [0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [t, nextT] = [nextT, t - quotient * nextT];
  }
  return t < 0n ? t + m : t;
}

function base64url(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex').toString('base64url');
}
