// Key pairs made once for all runs: what is in them makes no difference, as long as no two are the same.
import { generateKeyPairSync } from 'node:crypto';
import { fingerprints } from '../../lib/ssh/fingerprint.ts';
import { publicKeyLine } from '../../lib/ssh/public-key.ts';

export const keys = Array.from({ length: 64 }, () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const line = publicKeyLine(publicKey);
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { pem, publicKey: line, fingerprint: fingerprints(line).md5 };
});
