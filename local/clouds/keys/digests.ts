// What a service may hash for a key pair's fingerprint. The pages say "MD5, RFC 4716" (the SSH blob), yet the ECS page's
// sample has 20 octets, so every input in use elsewhere is here as well.
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { publicKeyLine } from '../../../lib/ssh/public-key.ts';

const algorithms = ['md5', 'sha1', 'sha256'] as const;
const inputs = ['ssh', 'spki', 'pkcs8', 'pkcs1'] as const;
export type DigestName = `${(typeof algorithms)[number]}-${(typeof inputs)[number]}`;
type Input = (typeof inputs)[number];

/** `md5-ssh` first: it is what the pages document. */
export const digestNames = inputs.flatMap((input) => algorithms.map((a) => `${a}-${input}` as const)) as [
  'md5-ssh',
  ...DigestName[],
];

const octets: Record<Input, (key: KeyObject) => Buffer> = {
  ssh: (key) => Buffer.from(publicKeyLine(key).split(' ')[1]!, 'base64'),
  spki: (key) => publicHalf(key).export({ format: 'der', type: 'spki' }),
  pkcs8: (key) => (key.type === 'private' ? key.export({ format: 'der', type: 'pkcs8' }) : octets.spki(key)),
  pkcs1: (key) => (key.type === 'private' ? key.export({ format: 'der', type: 'pkcs1' }) : octets.spki(key)),
};

/**
 * @param key for an imported pair its public half: the private forms then hash the SPKI form, as AWS does; or only its
 *   SSH blob, for the types that are registered without being read (DSA, ECDSA), which is then hashed whatever the name
 * @returns lower-case hex without separators
 */
export function digest(name: DigestName, key: KeyObject | Buffer): string {
  const [algorithm, input] = name.split('-') as [string, Input];
  return createHash(algorithm)
    .update(Buffer.isBuffer(key) ? key : octets[input](key))
    .digest('hex');
}

const publicHalf = (key: KeyObject): KeyObject => (key.type === 'private' ? createPublicKey(key) : key);
