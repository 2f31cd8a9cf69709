// Public keys as OpenSSH writes them: one line, `<type> <base64> [comment]`.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { fromBase64, fromNumber, toNumber } from './bytes.ts';
import { unreadable } from './unreadable.ts';
import { mpint, string, WireReader } from './wire.ts';

export type KeyType = 'ssh-rsa' | 'ssh-ed25519';

export interface PublicKey {
  readonly type: KeyType;
  /** `<type> <base64>`: one blank, no comment, no newline. Equal lines are equal keys. */
  readonly line: string;
  /** The decoded second field: what SSH itself calls the key, and what its fingerprints are digests of. */
  readonly blob: Uint8Array;
}

/** In UTF-16 units. An RSA-16384 line has some 2,800; the rest is comment. */
const longest = 8 * 1024;

/** RFC 4253 section 6.6. */
export const rsaBlob = (n: bigint, e: bigint): Buffer => Buffer.concat([string('ssh-rsa'), mpint(e), mpint(n)]);
/** RFC 8709 section 4. */
export const ed25519Blob = (octets: Uint8Array): Buffer => Buffer.concat([string('ssh-ed25519'), string(octets)]);

/**
 * @param text one line, RSA (RFC 4253 section 6.6) or ed25519 (RFC 8709 section 4). Blanks around and between the fields are
 * dropped, and so is the comment, which nobody vouches for (CVM's is `skey_` and a number)
 * @throws {VendingError} KEY_UNREADABLE when it is another type, more than one line or 8192 characters, or its blob is not
 * exactly one key of the type its first field names
 */
export function parsePublicKey(text: string): PublicKey {
  const line = text.trim();
  if (line.length > longest) throw unreadable('The public key is longer than 8192 characters');
  if (/[\r\n]/.test(line)) throw unreadable('The public key is more than one line');
  const [type, base64 = ''] = line.split(/[ \t]+/, 2);
  if (type !== 'ssh-rsa' && type !== 'ssh-ed25519') throw unreadable('The public key is neither RSA nor ed25519');
  const blob = fromBase64(base64);
  if (!blob) throw unreadable("The public key's base64 is cut short or damaged");
  fields({ type, blob });
  return { type, line: `${type} ${base64}`, blob: Uint8Array.from(blob) };
}

/** Whether both lines hold the same key, whatever their comments. @throws {VendingError} KEY_UNREADABLE */
export const samePublicKey = (a: string, b: string): boolean => parsePublicKey(a).line === parsePublicKey(b).line;

/**
 * The line for authorized_keys and for the services' import calls: RFC 4253 section 6.6, RFC 8709 section 4.
 * @param key RSA or ed25519; of a private key, the public half
 * @param comment appended after a blank; one line
 * @returns `<type> <base64>[ <comment>]` without a newline
 * @throws {TypeError} for another key type, or a comment of more than one line
 */
export function publicKeyLine(key: KeyObject, comment = ''): string {
  if (/[\r\n]/.test(comment)) throw new TypeError('a comment is one line');
  const { type, blob } = blobOf(key);
  return `${type} ${blob.toString('base64')}${comment && ` ${comment}`}`;
}

/** @param key of a private key, the public half is meant @throws {TypeError} for another key type */
export function blobOf(key: KeyObject): { type: KeyType; blob: Buffer } {
  const type = typeOf(key);
  const { n, e, x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  const blob = type === 'ssh-rsa' ? rsaBlob(toNumber(fromJwk(n)), toNumber(fromJwk(e))) : ed25519Blob(fromJwk(x));
  return { type, blob };
}

/** @throws {TypeError} for another key type */
export function typeOf(key: KeyObject): KeyType {
  if (key.asymmetricKeyType === 'ed25519') return 'ssh-ed25519';
  if (key.asymmetricKeyType === 'rsa') return 'ssh-rsa';
  throw new TypeError('only RSA and ed25519 keys have an OpenSSH line here');
}

/** As `ssh-keygen -l` counts: the modulus of RSA, 256 for ed25519. */
export function publicKeyBits(key: PublicKey): number {
  const read = fields(key);
  return 'n' in read ? read.n.toString(2).length : 256;
}

/** The key as node:crypto holds it. */
export function publicKeyObject(key: PublicKey): KeyObject {
  const read = fields(key);
  const jwk =
    'x' in read
      ? { kty: 'OKP', crv: 'Ed25519', x: read.x.toString('base64url') }
      : { kty: 'RSA', n: toJwk(read.n), e: toJwk(read.e) };
  return createPublicKey({ key: jwk, format: 'jwk' });
}

function fields({ type, blob }: { type: KeyType; blob: Uint8Array }): { n: bigint; e: bigint } | { x: Buffer } {
  const reader = new WireReader(Buffer.from(blob));
  if (reader.string().toString() !== type) throw unreadable('The public key is not of the type it names');
  if (type === 'ssh-rsa') {
    const [e, n] = [reader.mpint(), reader.mpint()];
    reader.end();
    return { n, e };
  }
  const x = reader.string();
  reader.end();
  if (x.length !== 32) throw unreadable('The public key is not 32 octets, as ed25519 keys are');
  return { x };
}

const fromJwk = (field: string | undefined): Buffer => Buffer.from(field ?? '', 'base64url');
const toJwk = (number: bigint): string => fromNumber(number).toString('base64url');
