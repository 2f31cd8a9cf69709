// What tells two states of a file apart: SHA-256, or POSIX cksum where a host has no tool for that.
import { createHash } from 'node:crypto';

const kinds = { sha256, cksum };
export type DigestKind = keyof typeof kinds;

export const isDigestKind = (name: string | undefined): name is DigestKind => Object.hasOwn(kinds, name ?? '');

/** @returns `sha256:` and 64 hex digits, or `cksum:` with the checksum, a hyphen and the size in bytes */
export const digestOf = (kind: DigestKind, bytes: Uint8Array): string => `${kind}:${kinds[kind](bytes)}`;

const form = /^(?:(sha256):[0-9a-f]{64}|(cksum):\d{1,10}-\d{1,15})$/;

/** The kind of a digest. @returns undefined for other text */
export function digestKind(digest: string): DigestKind | undefined {
  const [, ...found] = form.exec(digest) ?? [];
  return found.find(isDigestKind);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** POSIX.1-2024, cksum: the CRC of ISO/IEC 8802-3 over the bytes and then their number, its least significant octet first. */
function cksum(bytes: Uint8Array): string {
  let crc = 0;
  const add = (octet: number) => {
    crc ^= octet << 24;
    for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  };
  bytes.forEach(add);
  for (let size = bytes.length; size > 0; size = Math.floor(size / 256)) add(size % 256);
  return `${~crc >>> 0}-${bytes.length}`;
}
