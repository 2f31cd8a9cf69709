// The page about a server of one's own, walked through: its own commands, by a shell, in a folder where nothing is.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';

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
  const ports = { 4010: 24_010, 4011: 24_011, 8080: 28_080, 9464: 29_464 };
  const elsewhere = Object.entries(ports).reduce(
    (text, [port, other]) => text.replaceAll(port, String(other)),
    commands,
  );
  const listens = `export KEYVEND_LISTEN=127.0.0.1:${ports[8080]} KEYVEND_METRICS_LISTEN=127.0.0.1:${ports[9464]}\n`;
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
  expect(printed).toMatch(/ok +cloud +the access key of cvm\/default is of account \d+/);
  expect(printed).not.toContain('WRONG');
  expect(printed).toMatch(/\{"keyPairId":"ssh-\w+","fingerprint":"[\da-f:]+"\}/);
  expect(printed).toMatch(/^2048 SHA256:\S+ .*\(RSA\)/m);
});
