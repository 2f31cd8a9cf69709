// `npm start` and `keyvend` with a switch of Node's that shows what is sent and received.
import { spawnSync } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readersStore } from '../../lib/platforms/readers-store.ts';
import { environmentOf, switches } from '../switches.ts';
import { start } from './process.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyvend-switches-'));
});
afterAll(() => rm(home, { recursive: true }));

/** Its errors go to a file: until it is refused, Node prints what it was told to, and a pipe loses the end of that. */
function run(env: Record<string, string>, ...words: string[]) {
  const file = join(home, 'stderr');
  const { status, stdout } = spawnSync(process.execPath, words, {
    env: { ...process.env, KEYVEND_HOME: home, PORT: '0', KEYVEND_CLOUDS_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', openSync(file, 'w')],
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, stdout, stderr: readFileSync(file, 'utf8') };
}
const refused = switches.filter((row) => row.refused !== undefined);

describe('npm start', () => {
  it.each(refused)('does not begin with $set, and names it', ({ set, refused: name }) => {
    const { status, stdout, stderr } = run(environmentOf([{ set }], home), 'local/start.ts');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`keyvend: unset these, they expose keys or switch checks off: ${name}\n`);
  });

  it('shows nothing of a key with all the others at once', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyvend-written-'));
    const running = await start(
      home,
      environmentOf(
        switches.filter((row) => row.refused === undefined),
        folder,
      ),
    );
    const place = { region: 'cn-hangzhou', name: 'web' };
    expect((await running.post('ecs', place)).status).toBe(201);
    const store = await readersStore({ KEYVEND_HOME: home });
    const key = await store.reveal({ provider: 'ecs', account: 'default', ...place });
    await store.close();
    await running.end('SIGTERM');
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
    const written = files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1'));
    const shown = [running.printed(), ...(await Promise.all(written))].join('\n');
    await rm(folder, { recursive: true });
    const lines = key!.reveal().split('\n').slice(1, -2);
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.filter((line) => shown.includes(line))).toEqual([]);
  });
});

describe('keyvend', () => {
  it.each([...new Map(refused.map((row) => [row.refused, row])).values()])(
    'does nothing with $set',
    ({ set, refused: name }) => {
      const { status, stderr } = run(environmentOf([{ set }], home), 'local/keyvend.ts', 'key', 'ens', 'web');
      expect(status).toBe(1);
      expect(stderr).toContain(`keyvend: unset these, they expose keys or switch checks off: ${name}\n`);
    },
  );
});
