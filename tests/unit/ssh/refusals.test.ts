// What is not one unencrypted RSA or ed25519 key is refused with one code, in words that contain nothing of it.
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { publicKeyLine } from '../../../lib/ssh/public-key.ts';
import {
  armoured,
  der,
  ed25519,
  octets,
  openSshFile,
  parse,
  pem,
  pkcs1Of,
  refusal,
  rsa,
  rsaNumbers,
  sshString,
  tlv,
} from './keys.ts';

const rsaKey = rsa(1024);
const publicKey = createPublicKey(rsaKey);
const rsaPem = pem(rsaKey, 'pkcs1');
const pkcs1 = der(rsaKey, 'pkcs1');
const pkcs8 = der(rsaKey, 'pkcs8');
const edKey = ed25519();
const ed = der(edKey, 'pkcs8');
const numbers = rsaNumbers(rsaKey);
const passphrase = { cipher: 'aes-256-cbc', passphrase: 'x' } as const;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const dsa = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).privateKey;
const integer = (value: bigint) => tlv(0x02, octets(value));
const openSsh = (...over: Parameters<typeof openSshFile>) => armoured(openSshFile(...over), 'OPENSSH PRIVATE KEY');
const pkcs8With = (oid: string, key: Buffer, ...parameters: Buffer[]) =>
  tlv(0x30, integer(0n), tlv(0x30, tlv(0x06, Buffer.from(oid, 'hex')), ...parameters), tlv(0x04, key));
const lines = rsaPem.trimEnd().split('\n');

const refused: Record<string, [text: string, why: string]> = {
  nothing: ['', 'base64'],
  blanks: [' \n\t ', 'base64'],
  'a sentence': ['the cloud could not make a key, try again later', 'base64'],
  'an HTML page': ['<html><body>502 Bad Gateway</body></html>', 'base64'],
  'a masked sample': ['-----BEGIN RSA PRIVATE KEY-----\\nMIIEogIBAAKCAQE****', 'armour'],
  'random base64': [Buffer.alloc(900, 'random').toString('base64'), 'DER'],
  'an armour without a body': ['-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----\n', 'base64'],
  'an armour without its end': [lines.slice(0, -1).join('\n'), 'armour'],
  'an armour without its beginning': [lines.slice(1).join('\n'), 'base64'],
  'a public key in SPKI': [publicKey.export({ type: 'spki', format: 'pem' }).toString(), 'neither'],
  'a public key in PKCS#1': [publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(), 'neither'],
  'a public key in a line': [publicKeyLine(publicKey), 'base64'],
  'a missing line': [lines.toSpliced(3, 1).join('\n'), 'DER'],
  'a character that is not base64': [rsaPem.replace('M', '*'), 'base64'],
  'base64 without its padding': [openSshFile(edKey).toString('base64').replace('=', ''), 'base64'],
  'base64 with bits set that encode nothing': [openSshFile(edKey).toString('base64').replace('Q=', 'R='), 'base64'],
  'more than 1 Mi characters': [`${rsaPem}${' '.repeat(1_048_576)}`, '1,048,576'],

  'PKCS#1 under a passphrase': [rsaKey.export({ type: 'pkcs1', format: 'pem', ...passphrase }).toString(), 'encrypted'],
  'PKCS#8 under a passphrase': [rsaKey.export({ type: 'pkcs8', format: 'pem', ...passphrase }).toString(), 'encrypted'],
  'OpenSSH under a passphrase': [openSsh(edKey, { cipher: 'aes256-ctr' }), 'encrypted'],
  'EC in SEC1': [ec.export({ type: 'sec1', format: 'pem' }).toString(), 'neither'],
  'EC in PKCS#8': [pem(ec, 'pkcs8'), 'neither'],
  'DSA in PKCS#8': [pem(dsa, 'pkcs8'), 'neither'],
  'DSA in its own form': [armoured(tlv(0x30, ...[0n, 9n, 9n, 9n, 9n, 9n].map(integer)), 'DSA PRIVATE KEY'), 'neither'],
  'RSA-PSS': [pem(generateKeyPairSync('rsa-pss', { modulusLength: 1024 }).privateKey, 'pkcs8'), 'neither'],
  ed448: [pem(generateKeyPairSync('ed448').privateKey, 'pkcs8'), 'neither'],
  x25519: [pem(generateKeyPairSync('x25519').privateKey, 'pkcs8'), 'neither'],
  'an OpenSSH key of another type': [openSsh(edKey, { type: 'ssh-ed448' }), 'neither'],
  'RSA of three primes': [armoured(pkcs1Of(numbers, 1n)), 'neither'],
  'RSA-1016': [pem(rsa(1016), 'pkcs1'), '1024 to 4096'],
  'RSA-512': [pem(rsa(512), 'pkcs8'), '1024 to 4096'],
  'RSA-4104': [armoured(pkcs1Of({ ...numbers, n: (1n << 4103n) + 1n })), '1024 to 4096'],
  'RSA of half a megabit': [armoured(pkcs1Of({ ...numbers, n: 1n << 300_000n })), '1024 to 4096'],
  'RSA of zeros': [armoured(pkcs1Of({ ...numbers, p: 0n, q: 0n, d: 0n })), 'halves'],
  'RSA with p = 1': [armoured(pkcs1Of({ ...numbers, p: 1n, q: numbers.n })), 'halves'],

  'a byte inside PKCS#1': [armoured(tlv(0x30, pkcs1.subarray(4), tlv(0x05))), 'DER'],
  'an element after PKCS#8': [armoured(tlv(0x30, pkcs8.subarray(4), tlv(0x05))), 'DER'],
  'an indefinite length': [armoured(Buffer.concat([Buffer.of(0x30, 0x80), pkcs1.subarray(4), Buffer.of(0, 0)])), 'DER'],
  'a length beyond its end': [armoured(Buffer.concat([ed.subarray(0, 15), Buffer.of(33), ed.subarray(16)])), 'DER'],
  'RSA with parameters that are not NULL': [
    armoured(pkcs8With('2a864886f70d010101', pkcs1, tlv(0x05, Buffer.of(0)))),
    'neither',
  ],
  'RSA with parameters after NULL': [armoured(pkcs8With('2a864886f70d010101', pkcs1, tlv(0x05), tlv(0x05))), 'DER'],
  'ed25519 with parameters': [armoured(pkcs8With('2b6570', ed.subarray(14), tlv(0x05))), 'DER'],
  'ed25519 with a byte after its seed': [
    armoured(pkcs8With('2b6570', Buffer.concat([ed.subarray(14), Buffer.of(0)]))),
    'DER',
  ],
  'a negative number': [armoured(tlv(0x30, integer(0n), tlv(0x02, Buffer.of(0x80)))), 'neither'],
  'a number with leading zeros': [armoured(tlv(0x30, integer(0n), tlv(0x02, Buffer.of(0, 1)))), 'neither'],
  'an empty number': [armoured(tlv(0x30, tlv(0x02))), 'DER'],
  'an ed25519 seed of 31 bytes': [
    armoured(tlv(0x30, ed.subarray(2, 12), tlv(0x04, tlv(0x04, ed.subarray(17))))),
    'neither',
  ],
  'PKCS#8 of a version that is not defined': [
    armoured(Buffer.from(ed.toString('hex').replace('020100', '020102'), 'hex')),
    'neither',
  ],

  'OpenSSH with options of a cipher it does not name': [openSsh(edKey, { kdfOptions: 'x' }), 'encrypted'],
  'OpenSSH with two keys': [openSsh(edKey, { keys: 2 }), 'exactly one key'],
  'OpenSSH with unequal check numbers': [openSsh(edKey, { check: 8 }), 'damaged'],
  'OpenSSH with the wrong padding': [openSsh(edKey, { padding: Buffer.from([1, 2, 4, 3]) }), 'damaged'],
  'OpenSSH with a block too little padding': [openSsh(edKey, { padding: Buffer.of(1) }), 'damaged'],
  'OpenSSH cut after its magic': [armoured(Buffer.from('openssh-key-v1\0')), 'cut short'],
  'OpenSSH and a byte': [armoured(Buffer.concat([openSshFile(edKey), Buffer.of(0)])), 'cut short'],
  'OpenSSH with the public part of another ed25519 key': [
    openSsh(edKey, { publicBlob: Buffer.concat([sshString('ssh-ed25519'), sshString(Buffer.alloc(32, 1))]) }),
    'halves do not belong together',
  ],
};

describe('a private key', () => {
  it.each(Object.entries(refused))('is refused when its text is wrong: %s', (_name, [text, why]) => {
    expect(refusal(text)).toContain(why);
  });

  it('is accepted in the intact forms that the refused ones break', () => {
    const [rsaForm, edForm] = [pkcs8With('2a864886f70d010101', pkcs1, tlv(0x05)), pkcs8With('2b6570', ed.subarray(14))];
    expect([parse(armoured(rsaForm)).bits, parse(armoured(edForm)).bits]).toEqual([1024, 256]);
    expect(parse(armoured(pkcs8With('2a864886f70d010101', pkcs1))).bits).toBe(1024); // RFC 5208 lets NULL be absent
    expect(parse(openSshFile(edKey).toString('base64')).bits).toBe(256);
    // RFC 5958 would have a public half here; the key is whole without it.
    expect(parse(armoured(Buffer.from(ed.toString('hex').replace('020100', '020101'), 'hex'))).bits).toBe(256);
  });

  it('is accepted up to 1 Mi characters', () => {
    expect(parse(rsaPem.padEnd(1_048_576)).bits).toBe(1024);
  });

  const files = { 'PKCS#1': rsaPem, 'ed25519 in PKCS#8': pem(edKey, 'pkcs8'), OpenSSH: openSsh(edKey) };
  it.each(Object.entries(files))('is refused in %s at each length that it can be cut to', (_name, text) => {
    const whole = text.trimEnd();
    for (let length = 0; length < whole.length; length += 1) refusal(whole.slice(0, length));
  });

  it.each(Object.entries(files))(
    'is refused in %s as bare base64 at each length that it can be cut to',
    (_name, text) => {
      const bare = text.replace(/-----[A-Z ]+-----|\n/g, '');
      expect(() => parse(bare)).not.toThrow();
      for (let length = 0; length < bare.length; length += 1) refusal(bare.slice(0, length));
    },
  );

  it('takes no more than a moment to refuse, however its text is made', () => {
    const pieces = ['\\', '\\\\n', '-----BEGIN', '-----BEGIN ----- ', '-----END', '-', ' ', '=', 'M', 'A=', '\uFEFF'];
    for (const piece of pieces) {
      for (const text of [
        piece.repeat(65_536 / piece.length),
        `-----BEGIN-----${piece.repeat(65_000 / piece.length)}`,
      ]) {
        const start = performance.now();
        expect(() => parse(text)).toThrow('The private key');
        expect(performance.now() - start, `${piece} again and again, in milliseconds`).toBeLessThan(500);
      }
    }
  });
});
