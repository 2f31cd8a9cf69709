// Which machine it is: the host keys that are pinned, and which of its keys a host is asked for.

import type { ServerHostKeyAlgorithm } from 'ssh2';
import { VendingError } from '../errors.ts';
import { sha256 } from '../sha256.ts';
import { fromBase64 } from '../ssh/bytes.ts';
import { asSha256 } from '../ssh/fingerprint.ts';

/** Which algorithms a key of each type signs with: RFC 8332 adds two for RSA, whose own uses SHA-1 and is for old hosts. */
const algorithms = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
} as const satisfies Record<string, readonly ServerHostKeyAlgorithm[]>;
export type HostKeyType = keyof typeof algorithms;
export const hostKeyTypes = Object.keys(algorithms) as readonly HostKeyType[];

export interface Pins {
  /** `SHA256:...`; empty for any host key. */
  readonly fingerprints: ReadonlySet<string>;
  /** The types that a pinned key can have; a fingerprint does not tell its key's type, so then all of them. */
  readonly types: readonly HostKeyType[];
}

/** @throws {VendingError} HOST_KEY_UNKNOWN when one of them is neither a fingerprint nor a public line */
export function pinsOf(hostKeys: readonly string[]): Pins {
  const pins = hostKeys.map(pinOf);
  const named = new Set(pins.map(({ type }) => type));
  return {
    fingerprints: new Set(pins.map(({ fingerprint }) => fingerprint)),
    types: pins.length === 0 || named.has(undefined) ? hostKeyTypes : hostKeyTypes.filter((type) => named.has(type)),
  };
}

export const algorithmsOf = (names: readonly HostKeyType[]): ServerHostKeyAlgorithm[] =>
  names.flatMap((name) => [...algorithms[name]]);

/** @param blob the key as SSH sends it */
export const hostKeyFingerprint = (blob: Uint8Array): string => asSha256(sha256(blob));

/** @returns undefined for a key of another type */
export function hostKeyType(blob: Buffer): HostKeyType | undefined {
  const name = blob.subarray(4, 4 + blob.readUInt32BE()).toString('latin1');
  return hostKeyTypes.find((type) => type === name);
}

function pinOf(text: string): { fingerprint: string; type?: HostKeyType } {
  const [first = '', base64 = ''] = text.trim().split(/[ \t]+/);
  const [fingerprint] = /^SHA256:[A-Za-z0-9+/]{43}(?==?$)/.exec(first) ?? [];
  if (fingerprint) return { fingerprint };
  const blob = fromBase64(base64);
  const type = blob && blob.length > 4 ? hostKeyType(blob) : undefined;
  if (!blob || !type) {
    throw new VendingError('HOST_KEY_UNKNOWN', 'A pinned host key is neither a SHA256 fingerprint nor a public key');
  }
  return { fingerprint: hostKeyFingerprint(blob), type };
}
