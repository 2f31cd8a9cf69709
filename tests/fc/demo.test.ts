// What somebody sees who tries Function Compute without an account.
import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { providerNames } from '../../lib/provider-table.ts';
import { withPrivateKeys } from '../../local/demo/find-private-keys.ts';
import { lackingPostgres } from '../doubles/postgres-server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const demo = ['local/demo.ts', '--platform', 'fc'];

describe('the demo of Function Compute', { timeout: 120_000 }, () => {
  if (lackingPostgres !== undefined) return it('vends on each provider', (context) => context.skip(lackingPostgres));

  it('vends on each provider, by EventBridge and by SMQ, shows no key, and ends', () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, demo, { cwd: root, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    for (const provider of providerNames) expect(stdout).toMatch(`POST /v1/${provider}/key-pairs `);
    expect(stdout.match(/^ {2}201 /gm)).toHaveLength(3);
    expect(stdout.match(/^(EventBridge|SMQ) \S+ <- .*\n.*\n {2}active as /gm)).toHaveLength(2);
    expect(stdout).toMatch(/no private key is in .* for 5 keys\n$/);
    expect(stdout).not.toMatch(/BEGIN|PRIVATE KEY/);
  });

  it('leaves no folder behind when it is ended before it is through', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyvend-demo-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    spawnSync('chmod', ['711', folder]); // the user that PostgreSQL is run by has to get through
    const child = spawn(process.execPath, demo, { cwd: root, env: { ...process.env, TMPDIR: folder } });
    await once(child.stdout, 'data'); // its servers run by then
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([143, null]);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the search for private keys', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = String(privateKey.export({ type: 'pkcs1', format: 'pem' }));

  it('finds a key in JSON, and one without its first line', () => {
    expect(withPrivateKeys([JSON.stringify({ key: pem })], [])).toBe(1);
    expect(withPrivateKeys([pem.split('\n').slice(1, -2).join('')], [pem])).toBe(1);
  });

  it('finds none in what is public of it', () => {
    expect(withPrivateKeys([String(publicKey.export({ type: 'pkcs1', format: 'pem' }))], [pem])).toBe(0);
  });
});
