// A new key, made here.
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { Secret } from '../secret.ts';
import { type PrivateKey, parsePrivateKey } from './private-key.ts';

const generated = promisify(generateKeyPair);

/**
 * Makes an RSA key, away from the event loop. How long that takes is up to chance: the slowest in twenty take more than twice as long as
 * most (docs/key-source.md has figures).
 * @param bits of the modulus, from 2,048; the public exponent is 65,537 (FIPS 186-5 appendix A.1.1)
 */
export async function generateKey({ bits }: { readonly bits: number }): Promise<PrivateKey> {
  const { privateKey } = await generated('rsa', {
    modulusLength: bits,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return parsePrivateKey(new Secret(privateKey));
}
