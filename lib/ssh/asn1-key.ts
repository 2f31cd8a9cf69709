// Private keys in ASN.1: PKCS#1 (RFC 8017 appendix A.1.2) and PKCS#8 (RFC 5208, 5958; ed25519: RFC 8410).
import { DerReader, tags } from './der.ts';
import { encrypted, type KeyMaterial, mismatch, otherType, type RsaNumbers } from './key-material.ts';

const oids = { rsa: '2a864886f70d010101', ed25519: '2b6570' };

/**
 * Which of the two it is follows from the second element: PKCS#1 goes on with a number, PKCS#8 with an algorithm.
 * What follows the whole is left alone, as OpenSSL does.
 * @throws {VendingError} KEY_UNREADABLE for everything else, and for bytes between its elements
 */
export function readAsn1(der: Buffer): KeyMaterial {
  const body = new DerReader(der).sequence();
  if (body.at(tags.sequence)) {
    body.sequence();
    throw body.at(tags.octetString) ? encrypted() : otherType(); // EncryptedPrivateKeyInfo, or a public key
  }
  const version = body.integer();
  if (body.at(tags.sequence)) return pkcs8(version, body);
  return { type: 'ssh-rsa', ...pkcs1(version, body) };
}

function pkcs1(version: bigint, body: DerReader): RsaNumbers {
  const numbers: bigint[] = [];
  while (body.at(tags.integer)) numbers.push(body.integer());
  if (version !== 0n || numbers.length !== 8) throw otherType(); // SEC1 (EC), DSA, or RSA of more primes
  body.end();
  const [n, e, d, p, q, dp, dq, qinv] = numbers as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
  return { n, e, d, p, q, dp, dq, qinv };
}

function pkcs8(version: bigint, body: DerReader): KeyMaterial {
  const algorithm = body.sequence();
  const oid = algorithm.read(tags.oid).toString('hex');
  const privateKey = new DerReader(body.read(tags.octetString));
  if (body.at(tags.attributes)) body.read(tags.attributes);
  const publicKey = body.at(tags.publicKey) ? body.read(tags.publicKey) : undefined;
  body.end();
  // RFC 5958 ties the version to the public half's presence. Writers get that wrong, and it changes nothing about the key.
  if (version > 1n) throw otherType();
  // A BIT STRING begins with the number of bits unused in its last octet: none.
  if (publicKey && publicKey[0] !== 0) throw mismatch();
  const publicHalf = publicKey?.subarray(1);

  if (oid === oids.ed25519) {
    algorithm.end();
    const seed = privateKey.read(tags.octetString);
    privateKey.end();
    if (seed.length !== 32) throw otherType();
    return { type: 'ssh-ed25519', seed, ...(publicHalf && { publicHalf }) };
  }
  if (oid !== oids.rsa) throw otherType();
  if (algorithm.at(tags.null) && algorithm.read(tags.null).length > 0) throw otherType();
  algorithm.end();
  const inner = privateKey.sequence();
  const numbers = pkcs1(inner.integer(), inner);
  if (publicHalf) {
    const half = new DerReader(publicHalf);
    const fields = half.sequence();
    half.end();
    if (fields.integer() !== numbers.n || fields.integer() !== numbers.e) throw mismatch();
    fields.end();
  }
  return { type: 'ssh-rsa', ...numbers };
}
