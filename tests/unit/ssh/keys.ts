// Keys, their spellings and what must not be printed of them. Every key is made at test time: none is committed.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { expect } from 'vitest';
import { VendingError } from '../../../lib/errors.ts';
import { Secret } from '../../../lib/secret.ts';
import { parsePrivateKey } from '../../../lib/ssh/private-key.ts';

export const rsa = (modulusLength: number): KeyObject => generateKeyPairSync('rsa', { modulusLength }).privateKey;
export const ed25519 = (): KeyObject => generateKeyPairSync('ed25519').privateKey;
export const pem = (key: KeyObject, type: 'pkcs1' | 'pkcs8'): string => key.export({ type, format: 'pem' }).toString();
export const der = (key: KeyObject, type: 'pkcs1' | 'pkcs8'): Buffer => key.export({ type, format: 'der' });
export const parse = (text: string) => parsePrivateKey(new Secret(text));

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The key whose seed is these 32 octets. */
export const ed25519From = (seed: Uint8Array): KeyObject => {
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex'); // RFC 8410 section 7
  return createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' });
};

export const armoured = (bytes: Uint8Array, label = 'PRIVATE KEY', columns = 64): string => {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .replace(new RegExp(`.{${columns}}`, 'g'), '$&\n')
    .trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
};

/** One DER element. */
export function tlv(tag: number, ...contents: Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  const [high, low] = [body.length >> 8, body.length & 0xff];
  const size = high > 0 ? [0x82, high, low] : low >= 0x80 ? [0x81, low] : [low];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

/** Big-endian octets of a number above or equal to 0, with the sign octet that both DER and SSH ask for. */
export function octets(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}

export const rsaFields = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const;
export type RsaField = (typeof rsaFields)[number];

export function rsaNumbers(key: KeyObject): Record<RsaField, bigint> {
  const jwk = key.export({ format: 'jwk' });
  const entries = rsaFields.map((name) => [name, BigInt(`0x${Buffer.from(jwk[name]!, 'base64url').toString('hex')}`)]);
  return Object.fromEntries(entries);
}

export const pkcs1Of = (numbers: Record<RsaField, bigint>, version = 0n): Buffer =>
  tlv(0x30, ...[version, ...rsaFields.map((name) => numbers[name])].map((number) => tlv(0x02, octets(number))));

export function sshString(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** An openssh-key-v1 file as ssh-keygen lays it out; `over` breaks one part of it. */
export function openSshFile(
  key: KeyObject,
  over: {
    cipher?: string;
    kdfOptions?: string;
    keys?: number;
    check?: number;
    padding?: Buffer;
    publicBlob?: Buffer;
    type?: string;
  } = {},
): Buffer {
  const word = (value: number) => Buffer.from([0, 0, 0, value]);
  const { type: named, publicFields, privateFields } = openSshFields(key);
  const type = over.type ?? named;
  const blob = Buffer.concat([sshString(type), ...publicFields]);
  const part = [word(7), word(over.check ?? 7), sshString(type), ...privateFields, sshString('a comment')];
  const length = Buffer.concat(part).length;
  const padding = over.padding ?? Buffer.from([1, 2, 3, 4, 5, 6, 7]).subarray(0, (8 - (length % 8)) % 8);
  return Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[sshString(over.cipher ?? 'none'), sshString('none'), sshString(over.kdfOptions ?? ''), word(over.keys ?? 1)],
    ...[sshString(over.publicBlob ?? blob), sshString(Buffer.concat([...part, padding]))],
  ]);
}

function openSshFields(key: KeyObject) {
  if (key.asymmetricKeyType === 'rsa') {
    const { n, e, d, p, q, qi } = rsaNumbers(key);
    const strings = (...numbers: bigint[]) => numbers.map((number) => sshString(octets(number)));
    return { type: 'ssh-rsa', publicFields: strings(e, n), privateFields: strings(n, e, d, qi, p, q) };
  }
  const { x, d } = key.export({ format: 'jwk' });
  const half = Buffer.from(x!, 'base64url');
  const both = Buffer.concat([Buffer.from(d!, 'base64url'), half]);
  return { type: 'ssh-ed25519', publicFields: [sshString(half)], privateFields: [sshString(half), sshString(both)] };
}

/** All runs of 12 base64 characters. */
function slices(text: string): Set<string> {
  const runs = text.replace(/\s/g, '').match(/[A-Za-z0-9+/=]{12,}/g) ?? [];
  return new Set(runs.flatMap((run) => Array.from({ length: run.length - 11 }, (_, at) => run.slice(at, at + 12))));
}

/** Fails when `printed` and `hidden` share 12 base64 characters in a row, whatever blanks are between them. */
function expectNothingOf(hidden: string, printed: string): void {
  const forbidden = slices(hidden);
  const seen = [
    ...slices(printed),
    ...(printed.match(/[A-Za-z0-9+/=]{12,}/g) ?? []).flatMap((run) => [...slices(run)]),
  ];
  expect(seen.filter((slice) => forbidden.has(slice))).toEqual([]);
}

/** Fails unless the text is refused as KEY_UNREADABLE in words that contain nothing of it. @returns the message */
export function refusal(text: string): string {
  let error: unknown;
  try {
    parse(text);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(VendingError);
  const refused = error as VendingError;
  expect(refused).toMatchObject({ code: 'KEY_UNREADABLE', effect: 'unknown' });
  const everything = inspect(refused, { showHidden: true, depth: Infinity, getters: true, customInspect: false });
  expectNothingOf(text, [refused.message, refused.stack, everything, JSON.stringify(refused)].join('\n'));
  return refused.message;
}

/** The public key of CVM's sample answer, with its comment. */
export const cvmSample =
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDP0Yw2T4itUKOJQIK69c1Asy1UO88cxEbujR5Jbr0e/Ey1v4ZKAUzDnsBnFlf4hKPA1YvMB8RBYj4GcLtM7PrKnBNNram8rgl73X/klOO8oqKv+J/XUA7KHH1Y6wcn1RTRTMdDHbGhW1q/UpfeylNTbf+wEIWhEfaL5FKQm4hqCw== skey_112168';
