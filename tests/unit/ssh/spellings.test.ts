// Whatever a cloud makes of a key's text, one key gives one result.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { publicKeyLine } from '../../../lib/ssh/public-key.ts';
import {
  armoured,
  der,
  ed25519,
  ed25519From,
  openSshFile,
  parse,
  pem,
  pkcs1Of,
  rsa,
  rsaNumbers,
  seeded,
  tlv,
} from './keys.ts';

const rsaKey = rsa(2048);
const edKey = ed25519();
const rsaPem = pem(rsaKey, 'pkcs1');
const edPem = pem(edKey, 'pkcs8');

const bare = (text: string) => text.replace(/-----[A-Z ]+-----|\n/g, '');
const spellings: Record<string, (text: string) => string> = {
  'as it is': (text) => text,
  'CRLF line ends': (text) => text.replaceAll('\n', '\r\n'),
  'CR line ends': (text) => text.replaceAll('\n', '\r'),
  'no final newline': (text) => text.trimEnd(),
  'many final newlines': (text) => `${text}\n\n\n`,
  'a BOM': (text) => `\uFEFF${text}`,
  'blanks around': (text) => ` \t\r\n${text}  \n\t`,
  'blanks around each line': (text) => text.replaceAll('\n', ' \n\t'),
  'literal \\n': (text) => text.replaceAll('\n', '\\n'),
  'literal \\n, then a real newline': (text) => `${text.trimEnd().replaceAll('\n', '\\n')}\n`,
  'literal \\r\\n': (text) => text.replaceAll('\n', '\\r\\n'),
  'literal \\\\n, escaped twice': (text) => text.replaceAll('\n', '\\\\n'),
  'a JSON string inside a JSON string': (text) => JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1),
  'escaped as PHP does': (text) => text.replaceAll('/', '\\/').replaceAll('\n', '\\n'),
  'escaped as Gson does': (text) => text.replaceAll('=', '\\u003d').replaceAll('+', '\\u002B').replaceAll('\n', '\\n'),
  'one line of base64 in the armour': (text) => armoured(Buffer.from(bare(text), 'base64'), 'PRIVATE KEY', 100_000),
  'no newline at all': (text) => text.replaceAll('\n', ''),
  'blanks for newlines': (text) => text.replaceAll('\n', ' '),
  'a label of another format': (text) => text.replaceAll(/(BEGIN|END) [A-Z ]+/g, '$1 EC PRIVATE KEY'),
  'the label of PKCS#1': (text) => text.replaceAll(/(BEGIN|END) [A-Z ]+/g, '$1 RSA PRIVATE KEY'),
  'the label of PKCS#8': (text) => text.replaceAll(/(BEGIN|END) [A-Z ]+/g, '$1 PRIVATE KEY'),
  'bare base64 on one line': bare,
  'bare base64, wrapped': (text) => text.replace(/-----[A-Z ]+-----\n?/g, ''),
  'bare base64, wrapped by literal \\n': (text) => text.replace(/-----[A-Z ]+-----\n?/g, '').replaceAll('\n', '\\n'),
  'base64 around the PEM': (text) => Buffer.from(text).toString('base64'),
  'base64 around the PEM, wrapped': (text) => Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n'),
  'base64 around a PEM with a BOM and literal \\n': (text) =>
    Buffer.from(`\uFEFF${text.replaceAll('\n', '\\n')}`).toString('base64'),
};

describe.each(Object.entries(spellings))('the spelling "%s"', (_name, spell) => {
  const openSsh = (key: KeyObject) => armoured(openSshFile(key), 'OPENSSH PRIVATE KEY', 70);

  it.each([
    ['PKCS#1', rsaPem],
    ['PKCS#8', pem(rsaKey, 'pkcs8')],
    ['OpenSSH', openSsh(rsaKey)],
  ])('gives the same RSA key from %s', (_form, text) => {
    const key = parse(spell(text));
    expect(key).toMatchObject({ type: 'ssh-rsa', bits: 2048, publicKey: publicKeyLine(createPublicKey(rsaKey)) });
    expect(key.privateKey.reveal()).toBe(rsaPem);
  });

  it.each([
    ['PKCS#8', edPem],
    ['OpenSSH', openSsh(edKey)],
  ])('gives the same ed25519 key from %s', (_form, text) => {
    const key = parse(spell(text));
    expect(key).toMatchObject({ type: 'ssh-ed25519', bits: 256, publicKey: publicKeyLine(createPublicKey(edKey)) });
    expect(key.privateKey.reveal()).toBe(parse(edPem).privateKey.reveal());
  });
});

describe('the stored text', () => {
  it('is PKCS#1 for RSA, with LF, 64 columns and one final newline', () => {
    const lines = parse(pem(rsaKey, 'pkcs8')).privateKey.reveal().split('\n');
    expect([lines.at(0), ...lines.slice(-2)]).toEqual([
      '-----BEGIN RSA PRIVATE KEY-----',
      '-----END RSA PRIVATE KEY-----',
      '',
    ]);
    expect(lines.slice(1, -3).every((line) => /^[A-Za-z0-9+/]{64}$/.test(line))).toBe(true);
  });

  it('is the OpenSSH format for ed25519, with LF, 70 columns and one final newline', () => {
    const lines = parse(edPem).privateKey.reveal().split('\n');
    expect([lines.at(0), ...lines.slice(-2)]).toEqual([
      '-----BEGIN OPENSSH PRIVATE KEY-----',
      '-----END OPENSSH PRIVATE KEY-----',
      '',
    ]);
    expect(lines.slice(1, -3).every((line) => /^[A-Za-z0-9+/]{70}$/.test(line))).toBe(true);
  });

  it.each([rsaPem, edPem])('does not change when it is read and written again (key %#)', (text) => {
    const once = parse(text).privateKey;
    expect(parse(once.reveal()).privateKey.reveal()).toBe(once.reveal());
  });
});

describe('PKCS#8 with more than the key', () => {
  const attributes = tlv(0xa0, tlv(0x30, tlv(0x06, Buffer.from('2a864886f70d010909', 'hex')), tlv(0x31)));
  const algorithm = (oid: string, ...parameters: Buffer[]) =>
    tlv(0x30, tlv(0x06, Buffer.from(oid, 'hex')), ...parameters);
  const { n, e } = rsaNumbers(rsaKey);
  const rsaHalf = tlv(
    0x30,
    tlv(0x02, Buffer.concat([Buffer.of(0), Buffer.from(n.toString(16), 'hex')])),
    tlv(0x02, Buffer.from('010001', 'hex')),
  );
  const edHalf = Buffer.from(edKey.export({ format: 'jwk' }).x!, 'base64url');
  const edSeed = Buffer.from(edKey.export({ format: 'jwk' }).d!, 'base64url');
  const v2 = (alg: Buffer, key: Buffer, half: Buffer, unusedBits = 0) =>
    armoured(
      tlv(0x30, tlv(0x02, Buffer.of(1)), alg, tlv(0x04, key), attributes, tlv(0x81, Buffer.of(unusedBits), half)),
    );
  const ed = algorithm('2b6570');
  const rsaAlgorithm = algorithm('2a864886f70d010101', tlv(0x05));

  it('is read with attributes and the public half, as RFC 8410 section 10.3 shows them', () => {
    expect(e).toBe(65537n);
    expect(parse(v2(ed, tlv(0x04, edSeed), edHalf)).publicKey).toBe(parse(edPem).publicKey);
    expect(parse(v2(rsaAlgorithm, pkcs1Of(rsaNumbers(rsaKey)), rsaHalf)).publicKey).toBe(parse(rsaPem).publicKey);
  });

  it("is refused when the public half is another key's", () => {
    const otherEd = Buffer.from(ed25519().export({ format: 'jwk' }).x!, 'base64url');
    expect(() => parse(v2(ed, tlv(0x04, edSeed), otherEd))).toThrow('halves do not belong together');
    const other = pkcs1Of(rsaNumbers(rsa(2048)));
    expect(() => parse(v2(rsaAlgorithm, other, rsaHalf))).toThrow('halves do not belong together');
    const longer = Buffer.concat([rsaHalf, Buffer.of(0)]);
    expect(() => parse(v2(rsaAlgorithm, pkcs1Of(rsaNumbers(rsaKey)), longer))).toThrow('DER');
    expect(() => parse(v2(ed, tlv(0x04, edSeed), edHalf, 1))).toThrow('halves do not belong together');
  });
});

it('random keys in random spellings give the same result', () => {
  const seed = Date.now() % 2 ** 31;
  const random = seeded(seed);
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;
  const times = (most: number, piece: string) => piece.repeat(Math.floor(random() * (most + 1)));
  const rsaKeys = [rsa(1024), rsa(1024), rsa(1536), rsaKey];

  for (let turn = 0; turn < 400; turn += 1) {
    const key = pick([...rsaKeys, ed25519From(Uint8Array.from({ length: 32 }, () => random() * 256))]);
    const bytes = pick([openSshFile(key), der(key, 'pkcs8'), ...(rsaKeys.includes(key) ? [der(key, 'pkcs1')] : [])]);
    const label = pick(['PRIVATE KEY', 'RSA PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'ANY']);
    let text = armoured(bytes, label, pick([1, 64, 70, 76, 100_000]));
    if (random() < 0.3) text = text.replace(/-----[A-Z ]+-----/g, times(2, ' '));
    if (random() < 0.3) text = text.trimEnd();
    text = times(1, '\uFEFF') + times(3, pick([' ', '\n', '\t'])) + text + times(3, pick([' ', '\r\n']));
    text = text.replaceAll('\n', pick(['\n', '\r\n', ' \n', '\\n', '\\r\\n', '\\\\n', '\\\\r\\\\n']));
    if (text.includes('BEGIN') && random() < 0.3) text = Buffer.from(text).toString('base64');
    const { publicKey, privateKey } = parse(text);
    expect(publicKey, `seed ${seed}, turn ${turn}`).toBe(publicKeyLine(createPublicKey(key)));
    const plain = parse(pem(key, 'pkcs8')).privateKey.reveal();
    expect(privateKey.reveal() === plain, `seed ${seed}, turn ${turn}: another text is stored`).toBe(true);
  }
});
