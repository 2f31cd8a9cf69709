// A cloud hands a key out once, so whatever ssh-keygen reads of an RSA key is read here: the real program is asked about each text.
// (Here more is read: escapes, bare base64, labels of another form.) What is stored is the one canonical text in each case.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { isInstalled } from '../../moto.ts';
import { armoured, der, octets, openSshFile, parse, pem, pkcs1Of, rsa, rsaNumbers, seeded, tlv } from './keys.ts';

const key = rsa(2048);
const numbers = rsaNumbers(key);
const canonical = pem(key, 'pkcs1');
const [one, eight] = [der(key, 'pkcs1'), der(key, 'pkcs8')];
const forms = {
  'PKCS#1': canonical,
  'PKCS#8': pem(key, 'pkcs8'),
  OpenSSH: armoured(openSshFile(key), 'OPENSSH PRIVATE KEY', 70),
};
const folder = mkdtempSync(join(tmpdir(), 'keyvend-keygen-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Whether ssh-keygen makes this key's public line of the text. */
const isRead = (text: string): boolean => asked(text).stdout.startsWith(parse(canonical).publicKey);

function asked(text: string) {
  const file = join(folder, 'key');
  writeFileSync(file, text, { mode: 0o600 });
  return spawnSync('ssh-keygen', ['-y', '-P', '', '-f', file], { encoding: 'utf8' });
}

/** Whether it is read here; then what is stored must be the canonical text. */
function isStored(text: string): boolean {
  try {
    const stored = parse(text).privateKey.reveal();
    if (stored !== canonical) throw new TypeError('another text is stored');
    return true;
  } catch (error) {
    if (error instanceof TypeError) throw error;
    return false;
  }
}

const other = pem(rsa(1024), 'pkcs8');
const body = (change: (lines: string) => string) => (text: string) =>
  text.replace(/(-----\n)([^-]*)(\n-----)/, (_, begin, lines, end) => `${begin}${change(lines)}${end}`);

/** Each makes another text of one that is fine. */
const changes: Record<string, (text: string) => string> = {
  'a sentence before it': (text) => `Here is your key, keep it.\n${text}`,
  'a long text before it': (text) => `${'a line of a log\n'.repeat(9_000)}${text}`,
  'PKCS#12 attributes before it': (text) =>
    `Bag Attributes\n    friendlyName: x\nKey Attributes: <No Attributes>\n${text}`,
  'a certificate before it': (text) => `${armoured(Buffer.alloc(99), 'CERTIFICATE')}${text}`,
  'its public half before it': (text) => `${armoured(Buffer.alloc(99), 'PUBLIC KEY')}${text}`,
  'its public line before it': (text) => `ssh-rsa AAAAB3NzaC1yc2E= me\n${text}`,
  'a Markdown fence around it': (text) => `\`\`\`pem\n${text}\`\`\`\n`,
  'words about a beginning before it': (text) => `keep all from -----BEGIN on\n-----BEGIN and so on\n${text}`,
  'an end before it': (text) => `-----END RSA PRIVATE KEY-----\n${text}`,
  'a rule of dashes before it': (text) => `----------\n${text}`,
  'blank lines before it': (text) => `\n\n${text}`,
  'a BOM before it': (text) => `\uFEFF${text}`,
  'a sentence after it': (text) => `${text}That was it.\n`,
  'another key after it': (text) => `${text}${other}`,
  'itself after it': (text) => `${text}${text}`,
  'a certificate after it': (text) => `${text}${armoured(Buffer.alloc(99), 'CERTIFICATE')}`,
  'a NUL after it': (text) => `${text}\0`,
  'blank lines after it': (text) => `${text}\n \n\n`,
  'no final line end': (text) => text.trimEnd(),
  'CRLF line ends': (text) => text.replaceAll('\n', '\r\n'),
  'CRLF line ends and text around it': (text) => `a\n${text}b\n`.replaceAll('\n', '\r\n'),
  'blanks at line ends': (text) => text.replaceAll('\n', ' \t\n'),
  'no-break spaces at line ends': body((lines) => lines.replaceAll('\n', '\u00a0\n')),
  'letters beyond ASCII at line ends': body((lines) => lines.replaceAll('\n', 'é\u200b\u2028\n')),
  'NULs at line ends': body((lines) => lines.replaceAll('\n', '\0\n')),
  'dashes after its base64': body((lines) => `${lines}--`),
  'blanks at the beginning of lines': body((lines) => lines.replaceAll('\n', '\n  ')),
  'blanks within lines': body((lines) => lines.replaceAll(/(.{20})/g, '$1 ')),
  'a blank line after its first': body((lines) => `\n${lines}`),
  'a blank line before its last': body((lines) => `${lines}\n`),
  'a blank line in the middle': body((lines) => lines.replace('\n', '\n\n')),
  'one line': body((lines) => lines.replaceAll('\n', '')),
  'lines of 76 columns': body((lines) => lines.replaceAll('\n', '').replaceAll(/(.{76})/g, '$1\n')),
  'lines of 20 columns': body((lines) => lines.replaceAll('\n', '').replaceAll(/(.{20})/g, '$1\n')),
};

/** The octets of the key, written otherwise. */
const encodings: Record<string, Buffer> = {
  'octets after PKCS#1': Buffer.concat([one, Buffer.from([0, 1, 2])]),
  'octets after PKCS#8': Buffer.concat([eight, Buffer.from([0])]),
  'octets after the key in PKCS#8': tlv(0x30, eight.subarray(4, 22), tlv(0x04, one, Buffer.of(0))),
  'a longer length than need be': Buffer.concat([Buffer.of(0x30, 0x83, 0), one.subarray(2)]),
  'leading zeros in a number': pkcs1WithModulus(Buffer.concat([Buffer.of(0), octets(numbers.n)])),
  'no octet for the sign of a number': pkcs1WithModulus(Buffer.from(numbers.n.toString(16), 'hex')),
  'PKCS#8 without the NULL of its algorithm': tlv(
    0x30,
    Buffer.from('020100', 'hex'),
    tlv(0x30, Buffer.from('06092a864886f70d010101', 'hex')),
    tlv(0x04, one),
  ),
};
function pkcs1WithModulus(modulus: Buffer): Buffer {
  const { n: _, ...rest } = numbers;
  return tlv(0x30, tlv(2, Buffer.of(0)), tlv(2, modulus), ...Object.values(rest).map((one) => tlv(2, octets(one))));
}

describe.each(Object.entries(forms))('an RSA key in %s', (_form, text) => {
  it.each(Object.entries(changes))('is stored as ever with %s', (_change, make) => {
    expect(isStored(make(text))).toBe(true);
  });
});

it.each(Object.entries(encodings))('an RSA key is stored as ever with %s', (_what, bytes) => {
  expect(isStored(armoured(bytes, 'RSA PRIVATE KEY'))).toBe(true);
});

describe('what ssh-keygen reads', () => {
  beforeEach((context) => {
    if (!isInstalled('ssh-keygen')) return context.skip('ssh-keygen is not installed');
    const { status, stderr } = asked(canonical); // Node's own text, in which nothing is ours
    if (status !== 0) context.skip(`ssh-keygen works at no key here: ${stderr.trim()}`);
  });

  it('is read here: each of these texts, some of which it does not read', () => {
    const texts = Object.values(forms).flatMap((text) => Object.values(changes).map((change) => change(text)));
    texts.push(...Object.values(encodings).map((bytes) => armoured(bytes, 'RSA PRIVATE KEY')));
    const read = texts.filter(isRead);
    expect(read.length).toBeGreaterThan(60);
    for (const text of read) expect(isStored(text)).toBe(true);
  });

  it('is read here: texts that several changes made, one after the other', () => {
    const seed = Date.now() % 2 ** 31;
    const random = seeded(seed);
    const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;
    let read = 0;
    for (let turn = 0; turn < 150; turn += 1) {
      const names = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(Object.keys(changes)));
      const encoded = random() < 0.3 ? armoured(pick(Object.values(encodings)), 'RSA PRIVATE KEY') : undefined;
      const text = names.reduce((made, name) => changes[name]!(made), encoded ?? pick(Object.values(forms)));
      if (!isRead(text)) continue;
      read += 1;
      expect(isStored(text), `seed ${seed}, turn ${turn}: ${names.join(', ')}`).toBe(true);
    }
    expect(read, `seed ${seed}`).toBeGreaterThan(15);
  });

  it('is what is stored', () => {
    expect(isRead(parse(`before\n${forms['PKCS#8']}after\n`).privateKey.reveal())).toBe(true);
    expect(pkcs1Of(numbers).equals(one)).toBe(true);
  });
});

describe('a text with a key in it', () => {
  it('is refused when the only key in it is under a passphrase', () => {
    const under = key.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString();
    expect(() => parse(`before\n${under}after\n`)).toThrow('encrypted');
  });

  it('gives the key all the same when there is talk of passphrases before it', () => {
    expect(isStored(`no Proc-Type: 4,ENCRYPTED here\n${canonical}`)).toBe(true);
  });

  it('is read in a base64 layer, too', () => {
    expect(isStored(Buffer.from(`before\n${canonical}after\n`).toString('base64'))).toBe(true);
  });
});
