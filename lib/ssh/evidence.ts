// What a service's fingerprint says about a key, although no service says what exactly it hashes.
import { createHash, type KeyObject } from 'node:crypto';
import { asSha256, normaliseFingerprint, withColons } from './fingerprint.ts';
import { type PrivateKey, privateKeyObject } from './private-key.ts';
import { parsePublicKey, publicKeyObject } from './public-key.ts';

/** `agrees` proves the key; `contradicts` proves another one; `unknown-form` proves nothing either way. */
export type Evidence = 'agrees' | 'contradicts' | 'unknown-form';

/** 16 octets: ECS and ENS document "MD5, RFC 4716". */
const md5 = /^[0-9a-f]{2}(?::[0-9a-f]{2}){15}$/;
/** OpenSSH's form, which has one meaning. Some services pad it. */
const sha256 = /^sha256:([A-Za-z0-9+/]{43})=?$/i;

/**
 * Compares a service's fingerprint with every digest in use: MD5, SHA-1 and SHA-256 over the SSH blob (RFC 4716 section 4,
 * OpenSSH), the public key's SPKI and PKCS#1 DER, and the private key's PKCS#8 and PKCS#1 DER (AWS hashes PKCS#8 with SHA-1).
 * One that equals any of them agrees.
 *
 * One that equals none contradicts where it is 16 octets of hex or in OpenSSH's `SHA256:` form: it is documented what those
 * digest. Any other number of octets is an unknown form, 20 (SHA-1) and 32 (SHA-256) included: ECS's page shows 20, no page
 * says of what, so a difference is as likely a form we do not know as another key, and must not cost a user a key handed out
 * once. Masked samples (`7880c1ad****`) are an unknown form, too, even where the visible part differs.
 * @param text the service's fingerprint, in any spelling
 * @param key the key, or its public line where the private half is not at hand; then the private DER forms, over which only
 * SHA-1 is known, are not tried
 * @throws {VendingError} KEY_UNREADABLE when the line is not a public key; never because of `text`
 */
export function fingerprintEvidence(text: string, key: PrivateKey | string): Evidence {
  const base64 = sha256.exec(text.trim())?.[1];
  const claim = base64 === undefined ? normaliseFingerprint(text) : `SHA256:${base64}`;
  for (const form of formsOf(key)) if (digests(form).includes(claim)) return 'agrees';
  return base64 !== undefined || md5.test(claim) ? 'contradicts' : 'unknown-form';
}

function digests(form: Uint8Array): string[] {
  const hash = (name: string): Buffer => createHash(name).update(form).digest();
  return [...['md5', 'sha1', 'sha256'].map((name) => withColons(hash(name).toString('hex'))), asSha256(hash('sha256'))];
}

/** The likeliest first, and each made only when those before it did not agree. Private DER is not kept. */
function* formsOf(key: PrivateKey | string): Generator<Uint8Array> {
  const parsed = parsePublicKey(typeof key === 'string' ? key : key.publicKey);
  yield parsed.blob;
  const publicKey = publicKeyObject(parsed);
  yield publicKey.export({ type: 'spki', format: 'der' });
  yield* pkcs1(publicKey);
  if (typeof key === 'string') return;
  const privateKey = privateKeyObject(key.privateKey);
  yield privateKey.export({ type: 'pkcs8', format: 'der' });
  yield* pkcs1(privateKey);
}

/** PKCS#1 is for RSA alone. */
const pkcs1 = (key: KeyObject): Uint8Array[] =>
  key.asymmetricKeyType === 'rsa' ? [key.export({ type: 'pkcs1', format: 'der' })] : [];
