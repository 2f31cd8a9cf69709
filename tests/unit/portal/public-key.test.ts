// The forms of a public key that the portal shows, held against OpenSSH's and Node's own.

import { spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rfc4716, spki } from '../../../portal/src/public-key.ts';
import { isInstalled } from '../../moto.ts';

const missing = isInstalled('ssh-keygen') ? undefined : 'ssh-keygen is not installed';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyvend-public-'));
});
beforeEach((context) => {
  if (missing) context.skip(missing);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a public key in the portal', () => {
  it.each([
    ['rsa', '2048'],
    ['rsa', '4096'],
    ['ed25519', '256'],
  ])('of %s, %s bits, is what ssh-keygen reads in every form', (type, bits) => {
    const file = join(folder, `${type}-${bits}`);
    expect(spawnSync('ssh-keygen', ['-q', '-t', type, '-b', bits, '-N', '', '-f', file]).status).toBe(0);
    const line = readFileSync(`${file}.pub`, 'utf8');
    const base64 = (text: string) => text.split(' ')[1];

    writeFileSync(`${file}.4716`, rfc4716(line, 'web:prod'));
    expect(base64(spawnSync('ssh-keygen', ['-i', '-f', `${file}.4716`], { encoding: 'utf8' }).stdout)?.trim()).toBe(
      base64(line),
    );
    const pem = spki(line)!;
    expect(createPublicKey(pem).export({ type: 'spki', format: 'pem' })).toBe(pem);
    if (type !== 'rsa') return; // OpenSSH reads no other of this form
    writeFileSync(`${file}.pem`, pem);
    const read = spawnSync('ssh-keygen', ['-i', '-m', 'PKCS8', '-f', `${file}.pem`], { encoding: 'utf8' });
    expect(base64(read.stdout)?.trim()).toBe(base64(line));
  });

  it('of another kind has no PEM', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const blob = Buffer.concat([
      Buffer.from([0, 0, 0, 19]),
      Buffer.from('ecdsa-sha2-nistp256'),
      publicKey.export({ type: 'spki', format: 'der' }),
    ]);
    expect(spki(`ecdsa-sha2-nistp256 ${blob.toString('base64')}`)).toBeUndefined();
  });
});
