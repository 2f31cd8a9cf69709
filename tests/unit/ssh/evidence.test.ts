// A cloud's fingerprint agrees with a key, contradicts it, or proves nothing.
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { VendingError } from '../../../lib/errors.ts';
import { fingerprintEvidence } from '../../../lib/ssh/evidence.ts';
import { fingerprints } from '../../../lib/ssh/fingerprint.ts';
import { cvmSample, der, ed25519, parse, pem, rsa } from './keys.ts';

const rsaKey = rsa(1024);
const edKey = ed25519();
const read = (key: KeyObject) => parse(pem(key, 'pkcs8'));
const digest = (hash: string, form: Uint8Array) => createHash(hash).update(form).digest('hex');
const blob = (key: KeyObject) => Buffer.from(read(key).publicKey.split(' ')[1]!, 'base64');
const spki = (key: KeyObject) => createPublicKey(key).export({ type: 'spki', format: 'der' });

type Row = [name: string, key: KeyObject, form: Uint8Array];
const publicForms: Row[] = [
  ['the SSH blob of an RSA key', rsaKey, blob(rsaKey)],
  ['the SPKI of an RSA key', rsaKey, spki(rsaKey)],
  ['the PKCS#1 public key', rsaKey, createPublicKey(rsaKey).export({ type: 'pkcs1', format: 'der' })],
  ['the SSH blob of an ed25519 key', edKey, blob(edKey)],
  ['the SPKI of an ed25519 key', edKey, spki(edKey)],
];
const privateForms: Row[] = [
  ['the PKCS#8 of an RSA key', rsaKey, der(rsaKey, 'pkcs8')],
  ['the PKCS#1 private key', rsaKey, der(rsaKey, 'pkcs1')],
  ['the PKCS#8 of an ed25519 key', edKey, der(edKey, 'pkcs8')],
];
const hashes = ['md5', 'sha1', 'sha256'];
const spellings = (hex: string) => [hex, hex.toUpperCase(), ` ${hex.replace(/..(?!$)/g, '$&:')}\n`];

describe.each(hashes)('a fingerprint by %s', (hash) => {
  it.each([...publicForms, ...privateForms])('agrees when it is taken over %s', (_name, key, form) => {
    const hex = digest(hash, form);
    for (const text of [...spellings(hex), `${hash.toUpperCase()}:${hex}`]) {
      expect(fingerprintEvidence(text, read(key)), text).toBe('agrees');
    }
  });

  it.each(publicForms)('agrees when it is taken over %s and the public line is all there is', (_name, key, form) => {
    expect(fingerprintEvidence(digest(hash, form), read(key).publicKey)).toBe('agrees');
  });
});

it('the fingerprint of a key agrees in the form that OpenSSH prints, padded or not', () => {
  const { sha256 } = fingerprints(cvmSample);
  expect([sha256, `${sha256}=`].map((text) => fingerprintEvidence(text, cvmSample))).toEqual(['agrees', 'agrees']);
});

it("the sample key's MD5 over SPKI agrees with it", () => {
  expect(fingerprintEvidence('be2ae4d96f1eb98a012337490b9dc157', cvmSample)).toBe('agrees');
});

describe('a fingerprint equal to none of the digests', () => {
  const other = blob(rsa(1024));

  it.each([
    ...spellings(digest('md5', other)).map((text, i) => [`MD5, spelling ${i}`, text]),
    ['MD5 with its name', `MD5:${digest('md5', other)}`],
    ['SHA256 as OpenSSH', `SHA256:${createHash('sha256').update(other).digest('base64').replace('=', '')}`],
  ] as [string, string][])('contradicts the key when its form is documented: %s', (_form, text) => {
    expect(fingerprintEvidence(text, read(rsaKey))).toBe('contradicts');
    expect(fingerprintEvidence(text, read(rsaKey).publicKey)).toBe('contradicts');
  });

  it('contradicts the key when it is the right one with one bit changed', () => {
    const { md5 } = fingerprints(cvmSample);
    expect(fingerprintEvidence(`3${md5.slice(1)}`, cvmSample)).toBe('contradicts');
  });

  it.each([
    ...spellings(digest('sha1', other)).map((text, i) => [`SHA-1 over something else, spelling ${i}`, text]),
    ...spellings(digest('sha256', other)).map((text, i) => [`SHA-256 over something else, spelling ${i}`, text]),
    ['SHA-512', digest('sha512', other)],
    ['masked hex', '7880c1ad4687fdbf7a6da2131****'],
    ['masked hex with colons', '89:f0:ba:62:ac:b8:aa:e1:61:5e:fd:81:69:86:6d:6b:f0:c0:5a:**'],
    ['MD5 that is too short', digest('md5', other).slice(2)],
    ['base64 that is too short', 'SHA256:AAAA'],
    ['words', 'not a fingerprint'],
    ['nothing at all', ''],
  ] as [string, string][])('proves nothing when its form is unknown: %s', (_form, text) => {
    expect(fingerprintEvidence(text, read(rsaKey))).toBe('unknown-form');
  });
});

it('fingerprintEvidence refuses to judge a public line that is malformed', () => {
  expect(() => fingerprintEvidence('00', 'ssh-rsa AAAA')).toThrow(VendingError);
});
