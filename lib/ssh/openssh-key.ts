// OpenSSH's own private-key format, openssh-key-v1: PROTOCOL.key in OpenSSH's source. Unencrypted, one key.
import type { KeyObject } from 'node:crypto';
import { sha256 } from '../sha256.ts';
import { join } from './bytes.ts';
import { encrypted, type KeyMaterial, mismatch, otherType } from './key-material.ts';
import { privateFields } from './private-fields.ts';
import { blobOf, ed25519Blob, rsaBlob } from './public-key.ts';
import { unreadable } from './unreadable.ts';
import { string, uint32, WireReader } from './wire.ts';

const magic = Buffer.from('openssh-key-v1\0');
/** The block size of the cipher `none`: the private part is padded to a multiple of it, with octets 1, 2, 3... */
const blockSize = 8;
/** As many as ssh-keygen writes. */
const columns = 70;

export const isOpenSsh = (bytes: Buffer): boolean => bytes.subarray(0, magic.length).equals(magic);

/**
 * @param bytes the decoded body, beginning with the magic
 * @throws {VendingError} KEY_UNREADABLE when it is encrypted, holds another type or number of keys, or its public part does not
 * belong to its private part
 */
export function readOpenSsh(bytes: Buffer): KeyMaterial {
  const file = new WireReader(bytes.subarray(magic.length));
  const [cipher, kdf, kdfOptions] = [file.string(), file.string(), file.string()];
  if (cipher.toString() !== 'none' || kdf.toString() !== 'none' || kdfOptions.length > 0) throw encrypted();
  if (file.uint32() !== 1) throw unreadable('The private key file does not hold exactly one key');
  const publicPart = file.string();
  const privatePart = file.string();
  file.end();

  const part = new WireReader(privatePart);
  // Equal numbers show a reader of encrypted keys that the passphrase was right; here they only show damage.
  const [check, again] = [part.uint32(), part.uint32()];
  const intact = check === again && privatePart.length % blockSize === 0;
  const { blob, material } = readHalves(part);
  part.string(); // the comment
  if (!intact || !part.rest().every((octet, i) => octet === (i + 1) % 256)) {
    throw unreadable("The private key's OpenSSH encoding is damaged");
  }
  if (!publicPart.equals(blob)) throw mismatch();
  return material;
}

/** @returns the key, and the public blob that its private part makes */
function readHalves(part: WireReader): { blob: Buffer; material: KeyMaterial } {
  const type = part.string().toString();
  if (type === 'ssh-rsa') {
    const [n, e, d, qinv, p, q] = [part.mpint(), part.mpint(), part.mpint(), part.mpint(), part.mpint(), part.mpint()];
    return { blob: rsaBlob(n, e), material: { type, n, e, d, p, q, qinv } };
  }
  if (type !== 'ssh-ed25519') throw otherType();
  const publicHalf = part.string();
  const both = part.string(); // the seed, then the public half once more
  if (publicHalf.length !== 32 || both.length !== 64 || !both.subarray(32).equals(publicHalf)) throw mismatch();
  return { blob: ed25519Blob(publicHalf), material: { type, seed: both.subarray(0, 32), publicHalf } };
}

/**
 * The file ssh-keygen would write for this key with an empty comment, but the same at each call: where
 * ssh-keygen takes a random check number we take a hash of the public key, so that storing a key a second time stores
 * the same bytes and is seen to be no change. In an unencrypted file the number protects nothing.
 * @param key private, and checked
 * @returns LF, 70 columns, one final newline
 */
export function writeOpenSsh(key: KeyObject): string {
  const { type, blob } = blobOf(key);
  const check = sha256(blob).subarray(0, 4);
  const part = join([check, check, string(type), ...privateFields(key), string('')]);
  const padding = Uint8Array.from({ length: -part.length & (blockSize - 1) }, (_, i) => i + 1);
  const head = [magic, string('none'), string('none'), string(''), uint32(1), string(blob)];
  const body = join([...head, string(join([part, padding]))]).toString('base64');
  const lines = body.match(new RegExp(`.{1,${columns}}`, 'g')) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}
