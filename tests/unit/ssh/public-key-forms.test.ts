// A public key in the forms that programs take, each read back by such a program: ssh-keygen, openssl, jose.
import { spawnSync } from 'node:child_process';
import { createPublicKey, type KeyObject, type webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { exportSPKI, importJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { publicKeyLine } from '../../../lib/ssh/public-key.ts';
import { type PublicKeyForm, publicKeyAs } from '../../../lib/ssh/public-key-forms.ts';
import { isInstalled } from '../../moto.ts';
import { ed25519, ed25519From, rsa } from './keys.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyvend-public-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const need = (context: TestContext, program: string) =>
  isInstalled(program) ? undefined : context.skip(`${program} is not installed`);

function printed(program: string, words: readonly string[], text: string): string {
  const file = join(folder, 'key');
  writeFileSync(file, text);
  const { status, stdout, stderr } = spawnSync(program, [...words, file], { encoding: 'utf8' });
  expect({ program, status, stderr }).toEqual({ program, status: 0, stderr: '' });
  return stdout;
}
const withoutComment = (line: string) => line.trim().split(' ').slice(0, 2).join(' ');
const spkiOf = (key: KeyObject) => createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
const as = (form: PublicKeyForm, key: KeyObject, comment = 'web:prod') => {
  const text = publicKeyAs(form, `${publicKeyLine(key)} of somebody`, comment);
  expect(text).toMatch(/[^\n]\n$/);
  return text!;
};

describe.each([
  ['RSA of 2048 bits', () => rsa(2048)],
  ['RSA of 3072 bits', () => rsa(3072)],
  ['RSA of 4096 bits', () => rsa(4096)],
  ['ed25519', ed25519],
] as const)('a public key, %s,', (name, make) => {
  let key: KeyObject;
  beforeAll(() => {
    key = make();
  });

  it('is one line in the form of OpenSSH, without whatever comment it had', () => {
    expect(as('openssh', key)).toBe(`${publicKeyLine(key)}\n`);
  });

  it('is the same for ssh-keygen in the form of RFC 4716', (context) => {
    need(context, 'ssh-keygen');
    expect(withoutComment(printed('ssh-keygen', ['-i', '-m', 'RFC4716', '-f'], as('rfc4716', key)))).toBe(
      publicKeyLine(key),
    );
  });

  it('is the same for openssl as SPKI, and for ssh-keygen where it reads the type so', (context) => {
    need(context, 'openssl');
    const text = as('spki', key);
    expect(printed('openssl', ['pkey', '-pubin', '-in'], text)).toBe(text);
    expect(text).toBe(spkiOf(key));
    if (name === 'ed25519' || !isInstalled('ssh-keygen')) return; // OpenSSH reads RSA alone of this form
    expect(printed('ssh-keygen', ['-i', '-m', 'PKCS8', '-f'], text).trim()).toBe(publicKeyLine(key));
  });

  it('is the same for jose as a JWK, which has no private member', async () => {
    const jwk = JSON.parse(as('jwk', key));
    expect(Object.keys(jwk)).toEqual(name === 'ed25519' ? ['kty', 'crv', 'x'] : ['kty', 'n', 'e']);
    const read = await importJWK(jwk, name === 'ed25519' ? 'EdDSA' : 'RS256', { extractable: true });
    expect(await exportSPKI(read as webcrypto.CryptoKey)).toBe(spkiOf(key).trimEnd());
  });
});

describe('every form', () => {
  const moduli = Array.from({ length: 8 }, () => rsa(1024));
  const someKey = fc.oneof(
    fc.constantFrom(...moduli),
    fc.uint8Array({ minLength: 32, maxLength: 32 }).map(ed25519From),
  );

  it("read back gives the same key, and node:crypto's own JWK of it is the same", () => {
    fc.assert(
      fc.property(someKey, (key) => {
        const half = createPublicKey(key);
        const jwk = JSON.parse(as('jwk', key));
        expect(jwk).toEqual(half.export({ format: 'jwk' }));
        expect(publicKeyLine(createPublicKey({ key: jwk, format: 'jwk' }))).toBe(publicKeyLine(key));
        expect(publicKeyLine(createPublicKey(as('spki', key)))).toBe(publicKeyLine(key));
      }),
    );
  });

  it('of RFC 4716 has lines of 72 octets at most, however long the name is, and is read all the same', (context) => {
    need(context, 'ssh-keygen');
    const key = ed25519();
    for (const name of ['a', 'b'.repeat(60), 'c'.repeat(61), 'd'.repeat(128)]) {
      const text = as('rfc4716', key, name);
      expect(text.split('\n').filter((line) => line.length > 72)).toEqual([]);
      expect(text.replaceAll('\\\n', '')).toContain(`\nComment: "${name}"\n`);
      expect(withoutComment(printed('ssh-keygen', ['-i', '-f'], text))).toBe(publicKeyLine(key));
    }
  });

  it.each(['spki', 'jwk'] as const)('of %s is none for a kind of key that is not known', (form) => {
    const blob = Buffer.concat([Buffer.from([0, 0, 0, 19]), Buffer.from('ecdsa-sha2-nistp256')]);
    expect(publicKeyAs(form, `ecdsa-sha2-nistp256 ${blob.toString('base64')}`, '')).toBeUndefined();
  });
});
