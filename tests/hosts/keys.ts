// Keys for hosts, made at test time.
import { generateKeyPairSync } from 'node:crypto';
import type { KeyHalves } from '../../lib/hosts/keys-on-host.ts';
import { parse, pem } from '../unit/ssh/keys.ts';

/** ed25519, because it is made in no time. */
export function makeKey(): KeyHalves {
  const { privateKey, publicKey } = parse(pem(generateKeyPairSync('ed25519').privateKey, 'pkcs8'));
  return { privateKey, publicKey };
}

/** What a promise was refused with; `fulfilled` when it was not. */
export const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'fulfilled',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );

/** For `expect.poll`: as long as a slow machine may need for what is sure to come. */
export const patiently = { timeout: 20_000 };

/** RSA, as the clouds make them. */
export function makeRsaKey(bits = 2048): KeyHalves {
  const { privateKey, publicKey } = parse(pem(generateKeyPairSync('rsa', { modulusLength: bits }).privateKey, 'pkcs8'));
  return { privateKey, publicKey };
}
