// A private key in the forms that other programs read.
import type { KeyObject } from 'node:crypto';
import { Secret } from '../secret.ts';
import { writeOpenSsh } from './openssh-key.ts';
import { writePpk } from './ppk.ts';
import { pkcs1, privateKeyObject } from './private-key.ts';

/** By whom each is read: OpenSSH; most programs, of RSA alone; OpenSSL and what is built on it; PuTTY. */
const forms = {
  openssh: writeOpenSsh,
  pem: (key: KeyObject) => (key.asymmetricKeyType === 'rsa' ? pkcs1(key) : undefined),
  pkcs8: (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  ppk: writePpk,
} as const satisfies Readonly<Record<string, (key: KeyObject, comment: string) => string | undefined>>;
export type PrivateKeyForm = keyof typeof forms;

/**
 * @param text in any spelling that is read, as `parsePrivateKey` says
 * @param comment what PuTTY shows of the key; the other forms have none
 * @returns the same text for the same key and comment, with LF and one final newline; undefined where this kind of key has no such
 * form: PEM, as PKCS#1 has it, is RSA's alone
 * @throws {VendingError} KEY_UNREADABLE
 */
export function privateKeyAs(form: PrivateKeyForm, text: Secret, comment: string): Secret | undefined {
  const written = forms[form](privateKeyObject(text), comment);
  return written === undefined ? undefined : new Secret(written);
}
