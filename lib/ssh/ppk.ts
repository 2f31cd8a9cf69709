// PuTTY's file of a private key, version 3, not encrypted. Source: PuTTY's manual, appendix C; read by PuTTY from 0.75 on.
import { createHmac, type KeyObject } from 'node:crypto';
import { join } from './bytes.ts';
import { rsaMpints, seedOf } from './private-fields.ts';
import { blobOf } from './public-key.ts';
import { string } from './wire.ts';

const columns = 64;
const encryption = 'none';

/**
 * The file that PuTTYgen would write for this key without a passphrase, to the byte.
 * @param key private, and checked
 * @param comment what PuTTY and Pageant call it
 * @returns key material; LF, one final newline
 * @throws {TypeError} for a comment of more than one line
 */
export function writePpk(key: KeyObject, comment: string): string {
  if (/[\r\n]/.test(comment)) throw new TypeError('a comment is one line');
  const { type, blob } = blobOf(key);
  const secret = join(type === 'ssh-rsa' ? rsaMpints(key, ['d', 'p', 'q', 'qi']) : [string(seedOf(key))]);
  // Its key comes from the passphrase, and is empty without one: it shows damage, and protects nothing.
  const mac = createHmac('sha256', '').update(join([type, encryption, comment, blob, secret].map(string)));
  return [
    `PuTTY-User-Key-File-3: ${type}`,
    `Encryption: ${encryption}`,
    `Comment: ${comment}`,
    ...counted('Public-Lines', blob),
    ...counted('Private-Lines', secret),
    `Private-MAC: ${mac.digest('hex')}`,
    '',
  ].join('\n');
}

function counted(head: string, bytes: Buffer): string[] {
  const lines = bytes.toString('base64').match(new RegExp(`.{1,${columns}}`, 'g')) ?? [];
  return [`${head}: ${lines.length}`, ...lines];
}
