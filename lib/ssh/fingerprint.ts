// Fingerprints: the two that ssh-keygen prints, and one spelling for those the clouds send.
import { createHash } from 'node:crypto';
import { sha256 } from '../sha256.ts';
import { parsePublicKey } from './public-key.ts';

export interface Fingerprints {
  /** 16 octets in lower-case hex with colons: RFC 4716 section 4, and ssh-keygen's without its `MD5:`. */
  readonly md5: string;
  /** `SHA256:` and 43 base64 characters, unpadded (32 octets), as ssh-keygen prints it. */
  readonly sha256: string;
}

/**
 * What `ssh-keygen -l -E md5` and `-E sha256` print for a public key. Both are digests of the SSH blob, so they are
 * the same whichever cloud made the key and whatever the line's comment.
 * @param publicKey one OpenSSH line
 * @throws {VendingError} KEY_UNREADABLE when it is not one
 */
export function fingerprints(publicKey: string): Fingerprints {
  const { blob } = parsePublicKey(publicKey);
  return {
    md5: withColons(createHash('md5').update(blob).digest('hex')),
    sha256: asSha256(sha256(blob)),
  };
}

/** 32 octets as OpenSSH writes a SHA-256 fingerprint. */
export const asSha256 = (digest: Buffer): string => `SHA256:${digest.toString('base64').replace('=', '')}`;

/** Separates lower-case hex as RFC 4716 section 4 does. */
export const withColons = (hex: string): string => hex.replace(/..(?!$)/g, '$&:');

const hexForm = /^(?:(?:md5|sha1|sha256):)?((?:[0-9a-f]{2})+|[0-9a-f]{2}(?::[0-9a-f]{2})+)$/i;

/**
 * A service's own fingerprint in one spelling: lower-case hex with colons. The services differ in prefix (`MD5:`,
 * `SHA1:`), colons (ECS's page shows them, ENS's does not) and case.
 * @returns what is not hex octets (a masked sample, `SHA256:` with base64) as it came, without blanks around it
 */
export function normaliseFingerprint(text: string): string {
  const trimmed = text.trim();
  const hex = hexForm.exec(trimmed)?.[1];
  return hex === undefined ? trimmed : withColons(hex.replaceAll(':', '').toLowerCase());
}
