import { createPublicKey, createSecretKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { VendingError } from '../../../lib/errors.ts';
import { parsePublicKey, publicKeyLine, samePublicKey } from '../../../lib/ssh/public-key.ts';
import { cvmSample, ed25519, octets, rsa, rsaNumbers, sshString } from './keys.ts';

const rsaKey = rsa(1024);
const rsaLine = publicKeyLine(createPublicKey(rsaKey));
const edLine = publicKeyLine(createPublicKey(ed25519()));
const bare = cvmSample.replace(' skey_112168', '');

describe('parsePublicKey', () => {
  it.each([
    ["CVM's sample", cvmSample],
    ['a line without a comment', bare],
    ['a line with a comment of many words', `${bare} me at my desk`],
    ['a line with blanks and a line end', `  ${bare.replace(' ', ' \t ')}\tskey_1 \r\n`],
    ['a line with a BOM', `\uFEFF${bare}`],
  ])('keeps only type and key of %s', (_name, text) => {
    expect(parsePublicKey(text)).toMatchObject({ type: 'ssh-rsa', line: bare });
  });

  it('gives the decoded blob, in memory that holds nothing else', () => {
    const { blob } = parsePublicKey(edLine);
    expect(Buffer.from(blob).toString('base64')).toBe(edLine.split(' ')[1]);
    expect(blob.buffer.byteLength).toBe(51);
  });

  const { n, e } = rsaNumbers(rsaKey);
  const line = (type: string, ...strings: Uint8Array[]) =>
    `${type} ${Buffer.concat([sshString(type), ...strings.map(sshString)]).toString('base64')}`;
  it('reads an intact line of the kind that the refused ones break', () => {
    expect(parsePublicKey(line('ssh-rsa', octets(e), octets(n))).line).toBe(rsaLine);
  });

  it.each([
    ['an empty text', '', 'neither'],
    ['a type alone', 'ssh-rsa', 'base64'],
    ['another type', line('ecdsa-sha2-nistp256', Buffer.alloc(9)), 'neither'],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----', 'neither'],
    ['two lines', `${rsaLine}\n${edLine}`, 'more than one line'],
    ['a type that the blob contradicts', rsaLine.replace('ssh-rsa', 'ssh-ed25519'), 'not of the type'],
    ['base64 cut short', rsaLine.slice(0, -1), 'base64'],
    ['a blob cut short', rsaLine.slice(0, -4), 'cut short'],
    ['a blob of its type alone', line('ssh-rsa'), 'cut short'],
    ['a byte too many in an RSA blob', line('ssh-rsa', octets(e), octets(n), Buffer.alloc(0)), 'damaged'],
    ['a byte too many in an ed25519 blob', line('ssh-ed25519', Buffer.alloc(32), Buffer.alloc(0)), 'damaged'],
    ['an ed25519 key of 31 octets', line('ssh-ed25519', Buffer.alloc(31)), '32 octets'],
    ['a number with leading zeros', line('ssh-rsa', octets(e), Buffer.concat([Buffer.alloc(1), octets(n)])), 'damaged'],
    ['a negative number', line('ssh-rsa', octets(e), octets(n).subarray(1)), 'damaged'],
    ['a number that is zero', line('ssh-rsa', octets(e), Buffer.alloc(0)), 'damaged'],
    ['a number that is zero, written as an octet', line('ssh-rsa', Buffer.alloc(1), octets(n)), 'damaged'],
    ['more than 8192 characters', `${rsaLine} ${'x'.repeat(8192)}`, '8192'],
  ])('refuses %s', (_name, text, why) => {
    const parse = () => parsePublicKey(text);
    expect(parse).toThrow(VendingError);
    expect(parse).toThrow(expect.objectContaining({ code: 'KEY_UNREADABLE', message: expect.stringContaining(why) }));
  });
});

describe('publicKeyLine', () => {
  it('writes the same line for either half of a key, with a comment if there is one', () => {
    expect(publicKeyLine(rsaKey)).toBe(rsaLine);
    expect(publicKeyLine(rsaKey, 'skey_1')).toBe(`${rsaLine} skey_1`);
    expect(parsePublicKey(publicKeyLine(ed25519())).type).toBe('ssh-ed25519');
  });

  it('throws a TypeError for keys of other kinds, and for a comment that would end the line', () => {
    expect(() => publicKeyLine(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)).toThrow(TypeError);
    expect(() => publicKeyLine(createSecretKey(Buffer.alloc(16)))).toThrow(TypeError);
    expect(() => publicKeyLine(rsaKey, 'a\nssh-rsa AAAA')).toThrow(TypeError);
  });
});

describe('samePublicKey', () => {
  it('compares the keys, not the comments', () => {
    expect(samePublicKey(cvmSample, `${bare}   another comment\n`)).toBe(true);
    expect(samePublicKey(rsaLine, cvmSample)).toBe(false);
    expect(samePublicKey(rsaLine, edLine)).toBe(false);
  });

  it('refuses to compare what is not a key', () => {
    expect(() => samePublicKey(rsaLine, 'skey_112168')).toThrow(VendingError);
  });
});
