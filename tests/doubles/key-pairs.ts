// Key pairs made once for all runs: what is in them makes no difference, as long as no two are the same.
import { generateKeyPairSync } from 'node:crypto';
import { Secret } from '../../lib/secret.ts';
import { fingerprints } from '../../lib/ssh/fingerprint.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { publicKeyLine } from '../../lib/ssh/public-key.ts';

const some = (count: number) => Array.from({ length: count }, oneMore);
function oneMore() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const line = publicKeyLine(publicKey);
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const stored = parsePrivateKey(new Secret(pem)).privateKey.reveal();
  return { pem, stored, publicKey: line, fingerprint: fingerprints(line).md5 };
}

/** What clouds hand out. */
export const keys = some(64);
/** What is made here, to be imported. */
export const ownKeys = some(64);

const publicKeys = new Map([...keys, ...ownKeys].map(({ stored, publicKey }) => [stored, publicKey]));

/** Whose key a stored text is. */
export const publicKeyOf = (stored: Secret): string | undefined => publicKeys.get(stored.reveal());
