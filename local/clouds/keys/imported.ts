// Public keys that users bring: which types each service takes.
import type { KeyObject } from 'node:crypto';
import { parsePublicKey, publicKeyObject } from '../../../lib/ssh/public-key.ts';
import { WireReader } from '../../../lib/ssh/wire.ts';

export interface ImportedKey {
  /** `<type> <base64>`, without the comment: equal lines are equal keys. */
  readonly line: string;
  /** What a fingerprint digests. */
  readonly digestOf: KeyObject | Buffer;
}

/** ECS registers these too; nothing here needs to read further than the type inside the blob. */
const opaqueTypes = /^(ssh-dss|ecdsa-sha2-nistp(256|384|521))$/;

/**
 * An RSA key as OpenSSH writes it: what ENS and CVM take.
 * @returns undefined when the text is not one
 */
export function importedRsa(text: string): ImportedKey | undefined {
  try {
    const key = parsePublicKey(text);
    return key.type === 'ssh-rsa' ? { line: key.line, digestOf: publicKeyObject(key) } : undefined;
  } catch {
    return undefined;
  }
}

/** RSA, DSA or ECDSA: what ECS takes. ImportKeyPair lists no ed25519. */
export function importedForEcs(text: string): ImportedKey | undefined {
  const [type = '', base64 = ''] = text.trim().split(/[ \t]+/, 2);
  if (!opaqueTypes.test(type)) return importedRsa(text);
  const blob = Buffer.from(base64, 'base64');
  try {
    if (new WireReader(blob).string().toString() !== type) return undefined;
  } catch {
    return undefined;
  }
  return blob.toString('base64') === base64 ? { line: `${type} ${base64}`, digestOf: blob } : undefined;
}
