// The local platform, as a user meets it.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readersStore } from '../../lib/platforms/readers-store.ts';
import { Secret } from '../../lib/secret.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { type Running, start } from './process.ts';

let home: string;
let running: Running | undefined;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyvend-start-'));
});
afterEach(async () => {
  if (running?.child.exitCode === null && running.child.signalCode === null) await running.end('SIGTERM');
  running = undefined;
  await rm(home, { recursive: true });
});

const ecs = { name: 'web:prod', region: 'cn-hangzhou' };
const stored = async (name: string) => {
  const store = await readersStore({ KEYVEND_HOME: home });
  const key = await store.reveal({ provider: 'ecs', account: 'default', region: 'cn-hangzhou', name });
  await store.close();
  return key!.reveal();
};

describe('npm start', () => {
  it('prints where it is ready and a curl to paste, and vends', async () => {
    running = await start(home);
    expect(running.printed()).toMatch(/^ready http:\/\/127\.0\.0\.1:\d+\n\ncurl /m);
    const { status, body, headers } = await running.post('ecs', ecs);
    expect(status).toBe(201);
    expect(body).toEqual({
      keyPairId: expect.stringMatching(/^ssh-/),
      fingerprint: expect.stringMatching(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/),
    });
    expect(headers.get('location')).toBe('/v1/ecs/key-pairs/web%3Aprod?region=cn-hangzhou');
    const read = await running.get(headers.get('location')!);
    expect(read.body).toMatchObject({ state: 'active', requestedBy: 'urn:keyvend:local operator' });
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('keeps everything across a restart after %s', async (signal) => {
    running = await start(home);
    const first = await running.post('ecs', ecs);
    const key = await stored(ecs.name);
    const code = await running.end(signal);
    if (signal === 'SIGTERM') expect(code).toBe(0);
    running = await start(home);
    const again = await running.post('ecs', ecs);
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect(await stored(ecs.name)).toBe(key);
    expect((await running.post('ecs', { ...ecs, name: 'other' })).status).toBe(201);
  });

  it('loses nothing when it is killed in the middle of a burst, again and again', async () => {
    // Short windows, so that what was left open can be settled soon. The clouds' as well: a delete that was under way
    // when the process died blocks its name for as long as it might still arrive.
    const windows = {
      KEYVEND_ALIBABA_WINDOW_MS: '5000',
      KEYVEND_TENCENT_WINDOW_MS: '5000',
      KEYVEND_LEASE_MS: '4000',
      KEYVEND_TAKE_OVER_MS: '100',
      KEYVEND_ABSENT_TWICE_MS: '100',
      KEYVEND_HORIZON_MS: '5000',
    };
    const names = Array.from({ length: 12 }, (_, i) => `burst-${i}`);
    const acknowledged = new Map<string, unknown>();
    for (let kills = 0; kills < 3; kills += 1) {
      running = await start(home, windows);
      const burst = names.map(async (name) => {
        const { status, body } = await running!.post('ecs', { ...ecs, name });
        if (status < 300) acknowledged.set(name, body);
        if (acknowledged.size > kills * 3) running!.child.kill('SIGKILL');
      });
      await Promise.allSettled(burst);
      await running.end('SIGKILL');
    }
    running = await start(home, windows);
    for (const name of names) {
      let answer = await running.post('ecs', { ...ecs, name });
      while (answer.body.code === 'IN_PROGRESS') {
        await wait(200);
        answer = await running.post('ecs', { ...ecs, name });
      }
      expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
      if (acknowledged.has(name)) expect(answer.body).toEqual(acknowledged.get(name));
    }
    const clouds = /clouds: (http:\S+)/.exec(running.printed())?.[1];
    const pairs = (await (await fetch(`${clouds}/admin/pairs`)).json()) as { name: string; publicKey: string }[];
    expect(pairs.map(({ name }) => name).sort()).toEqual(names.sort());
    for (const { name, publicKey } of pairs) {
      expect(parsePrivateKey(new Secret(await stored(name))).publicKey).toBe(publicKey);
    }
  }, 60_000);

  it('finishes what is in flight when it is told to stop', async () => {
    running = await start(home);
    const flying = Promise.all(Array.from({ length: 5 }, (_, i) => running!.post('ecs', { ...ecs, name: `web-${i}` })));
    await running.get('/health'); // the requests before this one have arrived
    const ended = running.end('SIGTERM');
    expect((await flying).map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(await ended).toBe(0);
  });

  it('leaves no readable private key in its folder, and nothing there for others', async () => {
    running = await start(home);
    await running.post('ecs', ecs);
    const slices = (await stored(ecs.name)).split('\n').slice(1, -2);
    await running.end('SIGTERM');
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    for (const file of await readdir(home, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const text = await readFile(join(file.parentPath, file.name), 'latin1');
      expect(text.includes('PRIVATE KEY'), file.name).toBe(false);
      expect(
        slices.some((slice) => text.includes(slice)),
        file.name,
      ).toBe(false);
    }
  });

  it('can be reached from this machine alone', async (ctx) => {
    running = await start(home);
    const outward = Object.values(networkInterfaces())
      .flat()
      .find((a) => a?.family === 'IPv4' && !a.internal);
    if (outward === undefined) return ctx.skip('this machine has no other address than loopback');
    const clouds = /clouds: (http:\S+)/.exec(running.printed())?.[1] ?? '';
    for (const url of [running.endpoint, running.queue('keyvend-ens'), clouds]) {
      const { port } = new URL(url);
      await expect(fetch(`http://${outward.address}:${port}/`), url).rejects.toThrow();
    }
  });

  it('says in one line what is wrong with its settings', async () => {
    const child = spawnSync(process.execPath, ['local/start.ts'], {
      env: { ...process.env, PORT: 'x' },
      encoding: 'utf8',
    });
    expect(child.status).toBe(2);
    expect(child.stderr).toBe('keyvend: PORT is not a port\n');
  });

  it('does not start with a time that cannot work, and says which, and what is the least that does', () => {
    const child = spawnSync(process.execPath, ['local/start.ts'], {
      env: {
        ...process.env,
        ...{ KEYVEND_HOME: home, PORT: '0', KEYVEND_CLOUDS_PORT: '0', KEYVEND_ROTATION_LEASE_MS: '60000' },
      },
      encoding: 'utf8',
    });
    expect(child.status).toBe(1);
    expect(child.stderr).toBe('keyvend: KEYVEND_ROTATION_LEASE_MS=60000 cannot work, 110000 is the least\n');
  });
});

describe('the command line', () => {
  const keyvend = (...words: string[]) =>
    spawnSync(process.execPath, ['local/keyvend.ts', ...words], {
      env: { ...process.env, KEYVEND_HOME: home },
      encoding: 'utf8',
    });

  it('reads a stored key from the store itself, to stdout or to a new file for its owner alone', async () => {
    running = await start(home);
    await running.post('ecs', ecs);
    const printed = keyvend('key', 'ecs', ecs.name, '--region', ecs.region);
    expect(printed).toMatchObject({ status: 0, stdout: await stored(ecs.name), stderr: '' });
    const out = join(home, 'key');
    expect(keyvend('key', 'ecs', ecs.name, '--region', ecs.region, '--out', out).status).toBe(0);
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    expect(await readFile(out, 'utf8')).toBe(printed.stdout);
    const again = keyvend('key', 'ecs', ecs.name, '--region', ecs.region, '--out', out);
    expect(again).toMatchObject({ status: 5, stderr: 'keyvend: that file exists already; it was not touched\n' });
    expect(keyvend('key', 'ecs', 'nobody', '--region', ecs.region)).toMatchObject({ status: 3, stdout: '' });
  });

  it.each([
    [['key', 'ecs', 'web'], '--region is needed'],
    [['key', 'gcp', 'web'], 'the provider is one of'],
    [['key', 'ens', 'web', '--colour'], 'unknown option'],
    [['key', 'ens', 'web'], 'there is no store here'],
    [['rotate', 'cvm', 'web'], '--region is needed'],
    [['rotate', 'ens', 'web'], 'nothing is running here'],
  ])('says what is missing for %j', (words, said) => {
    const { status, stdout, stderr } = keyvend(...words);
    expect([1, 2]).toContain(status);
    expect(stdout).toBe('');
    expect(stderr).toContain(said);
  });
});
