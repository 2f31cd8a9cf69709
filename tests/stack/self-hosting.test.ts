// The page about a server of one's own, walked through: its own commands, by a shell, in a folder where nothing is.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { freePort } from '../doubles/postgres-server.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;
let shell: ChildProcess;
afterEach(async () => {
  // What it began in the background is in its group.
  if (shell.pid !== undefined) process.kill(-shell.pid, 'SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

it('vends a key pair without a cloud, and hands out its key', { timeout: 120_000 }, async () => {
  const page = readFileSync(join(ROOT, 'docs/self-hosting.md'), 'utf8');
  const [, commands = ''] = /## Tried without a cloud.*?```sh\n(.*?)```/s.exec(page) ?? [];
  expect(commands).toContain('keyvend serve');
  folder = mkdtempSync(join(tmpdir(), 'keyvend-walk-'));
  // A checkout as far as the commands go, with its scripts where it is, so that what they write lands here.
  for (const name of [
    'package.json',
    'node_modules',
    'local',
    'lib',
    'access',
    'functions',
    'serverless.yml',
    'deploy',
  ])
    symlinkSync(join(ROOT, name), join(folder, name));
  const ports = new Map<string, number>();
  for (const usual of ['4010', '4011', '8080', '9464']) ports.set(usual, await freePort());
  const elsewhere = commands.replace(/\b(?:4010|4011|8080|9464)\b/g, (usual) => String(ports.get(usual)));
  const listens = `export KEYVEND_LISTEN=127.0.0.1:${ports.get('8080')} KEYVEND_METRICS_LISTEN=127.0.0.1:${ports.get('9464')}\n`;
  shell = spawn('bash', ['-euo', 'pipefail', '-c', `${listens}${elsewhere}`], {
    cwd: folder,
    env: { ...process.env, npm_config_update_notifier: 'false' },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  shell.stdout!.on('data', (bytes: Buffer) => (printed += bytes));
  shell.stderr!.on('data', (bytes: Buffer) => (printed += bytes));
  const [code] = await once(shell, 'exit');
  expect(code, printed).toBe(0);
  // The last of it, which may still be on its way from the pipe: servers in the background hold that open.
  await expect.poll(() => printed, { timeout: 10_000 }).toMatch(/^2048 SHA256:\S+ .*\(RSA\)/m);
  expect(printed).toMatch(/ok +cloud +the access key of cvm\/default is of account \d+/);
  expect(printed).not.toContain('WRONG');
  expect(printed).toMatch(/\{"keyPairId":"ssh-\w+","fingerprint":"[\da-f:]+"\}/);
});
