// The private key a cloud hands out once: read in every spelling, checked, and written in one.
import type { KeyObject } from 'node:crypto';
import { Secret } from '../secret.ts';
import { keyBytes } from './armour.ts';
import { readAsn1 } from './asn1-key.ts';
import { checkedKey } from './key-material.ts';
import { isOpenSsh, readOpenSsh, writeOpenSsh } from './openssh-key.ts';
import { type KeyType, publicKeyLine } from './public-key.ts';

/** A checked key pair. Printing, serialising or cloning it shows no key material: that is in the `Secret` alone. */
export interface PrivateKey {
  /**
   * The text to store, the same for the same key whatever its spelling was: LF, one final newline.
   * RSA: PKCS#1 PEM, 64 columns. ed25519: OpenSSH's own format, 70 columns, no comment.
   */
  readonly privateKey: Secret;
  /** `<type> <base64>`, one OpenSSH line without comment and newline. */
  readonly publicKey: string;
  readonly type: KeyType;
  /** As `ssh-keygen -l` counts: the modulus for RSA, 256 for ed25519. Below 2048, recent distributions refuse it. */
  readonly bits: number;
  /** Whether it came in another spelling than `privateKey`'s; line ends, and blanks around it, make no other. */
  readonly isRewritten: boolean;
}

/**
 * Reads a private key as the clouds send it and checks that its two halves belong together.
 *
 * It takes PKCS#1 and PKCS#8 (RFC 8017 appendix A.1.2; RFC 5208, 5958, 8410) and openssh-key-v1 (OpenSSH's PROTOCOL.key),
 * unencrypted, RSA of 1024 to 4096 bits or ed25519; in PEM under any label, with any text around it, or in bare base64, with LF, CRLF, no
 * or literal `\n` line ends, and inside one more base64 layer. See `keyBytes` for the spellings. What ssh-keygen reads of an RSA key is read here,
 * but for numbers that contradict each other, BER's indefinite lengths, and more than 4096 bits.
 *
 * RSA is written as PKCS#1, because that is what all three services send and every `ssh` reads; ed25519 in OpenSSH's format,
 * because OpenSSH up to 9.2 at least reads it in no other.
 * @param text up to 1,048,576 characters
 * @throws {VendingError} KEY_UNREADABLE for everything else; its message, stack and cause hold no part of the text
 */
export function parsePrivateKey(text: Secret): PrivateKey {
  const key = privateKeyObject(text);
  const publicKey = publicKeyLine(key);
  const isRsa = key.asymmetricKeyType === 'rsa';
  const written = isRsa ? pkcs1(key) : writeOpenSsh(key);
  const isRewritten = text.reveal().replaceAll('\r\n', '\n').trim() !== written.trim();
  const common = { privateKey: new Secret(written), publicKey, isRewritten };
  return isRsa
    ? { ...common, type: 'ssh-rsa', bits: key.asymmetricKeyDetails!.modulusLength! }
    : { ...common, type: 'ssh-ed25519', bits: 256 };
}

/**
 * The key as node:crypto holds it, checked likewise. For this folder alone, and for no longer than a call: unlike a
 * `Secret`, a KeyObject hands its bytes to whoever exports, clones or posts it.
 */
export function privateKeyObject(text: Secret): KeyObject {
  const bytes = keyBytes(text.reveal());
  return checkedKey(isOpenSsh(bytes) ? readOpenSsh(bytes) : readAsn1(bytes));
}

/** Node's PEM is the canonical one: LF, 64 columns, one final newline. */
export const pkcs1 = (key: KeyObject): string => key.export({ type: 'pkcs1', format: 'pem' }).toString();
