// Sealing: AES-256-GCM, bound to the place where the sealed text belongs, so that rows cannot be swapped or carried over.
// Source: NIST SP 800-38D section 8.2.2: random 96-bit nonces are good for 2^32 seals under one key.
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { VendingError } from '../../errors.ts';
import { Secret } from '../../secret.ts';

const CIPHER = 'aes-256-gcm';
const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What a sealed text is bound to: its purpose, then the place. Not secret. */
export type SealBinding = readonly string[];

/** @returns format, nonce, sealed text, tag */
export function seal(key: KeyObject, place: SealBinding, text: Secret): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(bound(place));
  const sealed = [cipher.update(text.reveal(), 'utf8'), cipher.final()];
  return Buffer.concat([Buffer.of(FORMAT), nonce, ...sealed, cipher.getAuthTag()]);
}

/** @throws {VendingError} STORE_REFUSED when it was changed, moved, or sealed with another key; which of them cannot be told */
export function unseal(key: KeyObject, place: SealBinding, sealed: Uint8Array): Secret {
  const bytes = Buffer.from(sealed);
  const [nonce, text, tag] = [
    bytes.subarray(1, 1 + NONCE_BYTES),
    bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES),
    bytes.subarray(-TAG_BYTES),
  ];
  try {
    if (bytes.length < 1 + NONCE_BYTES + TAG_BYTES || bytes[0] !== FORMAT) throw new TypeError('not a seal');
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(bound(place)).setAuthTag(tag);
    return new Secret(Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8'));
  } catch {
    throw new VendingError(
      'STORE_REFUSED',
      'A sealed value of the secret store was changed, moved or sealed elsewhere',
    );
  }
}

/** JSON keeps the words apart whatever is in them. */
const bound = (place: SealBinding): Buffer => Buffer.from(JSON.stringify([`keyvend seal ${FORMAT}`, ...place]));
