// The two halves of a stored key belong together: whatever is changed in one of them is found.
import { generatePrimeSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  armoured,
  der,
  ed25519,
  openSshFile,
  parse,
  pem,
  pkcs1Of,
  type RsaField,
  refusal,
  rsa,
  rsaFields,
  rsaNumbers,
} from './keys.ts';

const rsaKey = rsa(1024);
const edKey = ed25519();
const numbers = rsaNumbers(rsaKey);
const halves = 'halves do not belong together';

describe('an RSA key', () => {
  it.each(rsaFields)('is refused when one bit of its %s is flipped', (field) => {
    const bits = numbers[field].toString(2).length;
    for (let bit = 0n; bit < bits - 1; bit += 1n) {
      const text = armoured(pkcs1Of({ ...numbers, [field]: numbers[field] ^ (1n << bit) }));
      expect(refusal(text)).toContain(halves);
    }
  });

  it.each(rsaFields.filter((field) => field !== 'e'))("is refused when its %s is another key's", (field: RsaField) => {
    const text = armoured(pkcs1Of({ ...numbers, [field]: rsaNumbers(rsa(1024))[field] }));
    expect(refusal(text)).toContain(halves);
  });

  it('is refused when its numbers fit each other but p is not prime, so that no signature verifies', () => {
    const { e, q } = numbers;
    const prime = () => generatePrimeSync(260, { bigint: true });
    let [p, d]: [bigint, bigint | undefined] = [0n, undefined];
    while (d === undefined) {
      p = prime() * prime();
      d = inverse(e, (p - 1n) * (q - 1n)); // none when e divides p - 1
    }
    const made = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p)! };
    expect(refusal(armoured(pkcs1Of(made)))).toContain(halves);
  });

  it('is refused when p fits everything but n, though OpenSSL, which then signs with d alone, would accept it', () => {
    const p = 3n; // p - 1 divides every odd d - 1 and e - 1
    const text = armoured(pkcs1Of({ ...numbers, p, dp: numbers.d % 2n, qi: inverse(numbers.q, p)! }));
    expect(refusal(text)).toContain(halves);
  });

  it('is refused when its coefficient is right but not the smallest, so that each key has one text only', () => {
    const text = armoured(pkcs1Of({ ...numbers, qi: numbers.qi + numbers.p }));
    expect(refusal(text)).toContain(halves);
  });

  it('is accepted when d is the larger of the two that RFC 8017 allows', () => {
    const { e, p, q } = numbers;
    const [phi, d] = [(p - 1n) * (q - 1n), inverse(e, (p - 1n) * (q - 1n))!];
    const smaller = d % (phi / gcd(p - 1n, q - 1n));
    const read = [d, smaller].map((exponent) => parse(armoured(pkcs1Of({ ...numbers, d: exponent }))).publicKey);
    expect(read).toEqual([parse(pem(rsaKey, 'pkcs1')).publicKey, parse(pem(rsaKey, 'pkcs1')).publicKey]);
  });
});

describe('one flipped bit', () => {
  const [rsaFile, edFile] = [openSshFile(rsaKey), openSshFile(edKey)];
  // The comment is the one part that nothing vouches for, and it is not stored.
  const comment = (file: Buffer) => file.indexOf('a comment');
  const files: [string, Buffer, skip: number][] = [
    ['RSA in PKCS#1', der(rsaKey, 'pkcs1'), -1],
    ['RSA in PKCS#8', der(rsaKey, 'pkcs8'), -1],
    ['RSA in the OpenSSH format', rsaFile, comment(rsaFile)],
    ['ed25519 in the OpenSSH format', edFile, comment(edFile)],
  ];

  it.each(files)('is found anywhere in %s', (_name, file, skip) => {
    expect(() => parse(armoured(file))).not.toThrow();
    for (let at = 0; at < file.length; at += 1) {
      if (skip !== -1 && at >= skip && at < skip + 'a comment'.length) continue;
      const flipped = Buffer.from(file);
      flipped[at]! ^= 1 << (at % 8);
      refusal(armoured(flipped));
    }
  });
});

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));

/** a^-1 mod m; undefined where there is none. */
function inverse(a: bigint, m: bigint): bigint | undefined {
  let [r, next, x, y] = [m, a % m, 0n, 1n];
  while (next !== 0n) [r, next, x, y] = [next, r % next, y, x - (r / next) * y];
  return r === 1n ? ((x % m) + m) % m : undefined;
}
