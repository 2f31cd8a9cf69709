// A user without a name, and a machine without 127.0.0.1: what a helper program cannot do is told as that, and a key is not called refused
// for it. Containers are like that. Only root can become such a user, or make such a network.
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isInstalled } from '../moto.ts';

const NOBODY = 54_321;
const isRoot = process.getuid?.() === 0;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyvend-machine-'));
  chmodSync(folder, 0o777);
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (program: string, ...words: string[]) =>
  spawnSync(program, words, {
    env: { ...process.env, TMPDIR: folder, KEYVEND_HOME: join(folder, 'home'), PORT: '0', KEYVEND_CLOUDS_PORT: '0' },
    encoding: 'utf8',
    timeout: 150_000,
  });

describe('a user whom the machine has no name for', { timeout: 180_000 }, () => {
  beforeEach((context) => {
    if (!isRoot) context.skip('only root can become another user');
    if (!isInstalled('setpriv')) context.skip('setpriv is not installed');
    chownSync(folder, NOBODY, NOBODY);
  });
  const asNobody = (...words: string[]) => {
    const ids = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
    return run('setpriv', ...ids, process.execPath, ...words);
  };

  it('is told by the demo that ssh-keygen fails, and not that its keys are refused', (context) => {
    if (!isInstalled('ssh-keygen')) return context.skip('ssh-keygen is not installed');
    const { stdout, stderr, status } = asNobody('local/demo.ts');
    expect(stdout, stderr).not.toContain('refuses');
    expect(stdout.match(/ssh-keygen -l: fails here at any key: .*\d{5}/g)).toHaveLength(4);
    expect(stdout.match(/^ {2}201 /gm)).toHaveLength(3);
    expect([status, stderr]).toEqual([0, '']);
  });

  it.each(['--rotate', '--fleet', '--platform=fc'])(
    'is told by the demo with %s, in one sentence, what is missing',
    (option) => {
      const { stdout, stderr, status } = asNobody('local/demo.ts', option);
      expect(stderr).toMatch(/^keyvend: .*\n$/);
      expect(stderr).toMatch(new RegExp(`is not installed here|a name.*${NOBODY}`));
      expect([status, stdout]).toEqual([1, '']);
    },
  );
});

describe('a machine without 127.0.0.1', { timeout: 180_000 }, () => {
  beforeEach((context) => {
    if (!isRoot) context.skip('only root can make a network of its own');
    if (!isInstalled('ip')) context.skip('ip is not installed');
    if (spawnSync('unshare', ['-n', 'true']).status !== 0) context.skip('unshare makes no network here');
  });

  const networks = {
    'with IPv6 alone': 'ip link set lo up && ip addr del 127.0.0.1/8 dev lo && exec "$@"',
    'with its interface down': 'exec "$@"',
  };
  const programs = [
    'start.ts',
    'demo.ts',
    'demo.ts --rotate',
    'demo.ts --fleet',
    'demo.ts --platform fc',
    'clouds/main.ts',
  ];
  it.each(
    programs.flatMap((program) =>
      Object.entries(networks).map(([network, script]) => [program, network, script] as const),
    ),
  )('is told so in one sentence by %s %s', (program, _network, script) => {
    const words = `local/${program}`.split(' ');
    const { stdout, stderr, status } = run('unshare', '-n', 'sh', '-c', script, 'sh', process.execPath, ...words);
    expect(stderr).toMatch(/^(keyvend|clouds): .*\n$/);
    expect(stderr).toMatch(/127\.0\.0\.1|is not installed here/);
    expect([status, stdout]).toEqual([1, '']);
  });
});

describe('a port that is taken', () => {
  it.each([[['local/start.ts']], [['local/clouds/main.ts', '--port']]])(
    'is told in one sentence by %j',
    async (words) => {
      const { createServer } = await import('node:net');
      const server = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const { port } = server.address() as { port: number };
      try {
        const taken = { KEYVEND_CLOUDS_PORT: `${port}`, PORT: '0', KEYVEND_HOME: join(folder, 'home') };
        const all = words.at(-1) === '--port' ? [...words, `${port}`] : words;
        const { status, stderr } = spawnSync(process.execPath, all, {
          env: { ...process.env, ...taken },
          encoding: 'utf8',
        });
        expect(stderr).toMatch(/^(keyvend|clouds): .*port.* in use.*\n$/);
        expect(status).toBe(1);
      } finally {
        server.close();
      }
    },
  );
});
