// What runs on schedules, on the local platform: the count against quotas, told to callers, and reconciling by hand.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readersStore } from '../../lib/platforms/readers-store.ts';
import { readEnvironment } from '../../local/stack/environment.ts';
import { type Running, start } from './process.ts';

let home: string;
let running: Running;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyvend-recovery-'));
});
afterEach(async () => {
  await running.end('SIGTERM');
  await rm(home, { recursive: true });
});

const place = { region: 'cn-hangzhou' };
const usage = async (name: string, region = place.region) =>
  (await running.post('ecs', { name, region })).headers.get('key-pair-usage');

describe('a region close to its quota', () => {
  it('is reported in a response header, from the first request after it was counted', async () => {
    running = await start(home, { KEYVEND_ECS_QUOTA: '3' });
    for (const name of ['web_1', 'web_2', 'web_3']) expect(await usage(name)).toBeNull();
    expect(await usage('web_1', 'cn-shanghai')).toBeNull();

    // It counts when it starts, while it answers requests; a function reads what was counted once a minute.
    let told: string | null = null;
    for (let starts = 0; told === null && starts < 20; starts += 1) {
      await running.end('SIGTERM');
      running = await start(home, { KEYVEND_ECS_QUOTA: '3' });
      told = await usage('web_1');
    }
    expect(told).toBe('used=3, limit=3');
    expect(await usage('web_1', 'cn-shanghai')).toBeNull();
    expect(await usage('web_2', 'cn-beijing')).toBeNull();
  });
});

describe('keyvend reconcile', () => {
  const keyvend = (...words: string[]) => {
    const env = { ...process.env, KEYVEND_HOME: home };
    return spawnSync(process.execPath, ['local/keyvend.ts', 'reconcile', ...words], { env, encoding: 'utf8' });
  };

  it('refuses a configuration that is not the one of the functions, by the names of the variables', async () => {
    running = await start(home, { KEYVEND_MAX_AGE_DAYS: '90', KEYVEND_OVERLAP_DAYS: '3' });
    await running.post('ecs', { name: 'web_1', ...place });
    const stated = readEnvironment(home);
    const inAShell = (environment: Record<string, string | undefined>, ...words: string[]) =>
      spawnSync(process.execPath, ['local/keyvend.ts', ...words], {
        env: { ...process.env, ...stated, ...environment },
        encoding: 'utf8',
      });
    const lacking = inAShell({ KEYVEND_MAX_AGE_DAYS: undefined, KEYVEND_ECS_QUOTA: '7' }, 'reconcile', '--fix');
    expect([lacking.status, lacking.stdout]).toEqual([1, '']);
    expect(lacking.stderr).toMatch(/another KEYVEND_MAX_AGE_DAYS, KEYVEND_ECS_QUOTA\. /);

    const show = ['show', 'ecs', 'web_1', '--region', place.region];
    expect(inAShell({ KEYVEND_OVERLAP_DAYS: '7' }, ...show).stderr).toContain('another KEYVEND_OVERLAP_DAYS. ');
    const shown = inAShell({}, ...show);
    expect([shown.status, shown.stderr]).toEqual([0, '']);
    const planned = (stdout: string) => /next rotation by age: (\S+)/.exec(stdout)?.[1];
    expect(planned(shown.stdout)).toMatch(/^20/);
    expect(inAShell({}, 'reconcile', '--fix')).toMatchObject({ status: 0, stderr: '' });
    expect(planned(inAShell({}, ...show).stdout)).toBe(planned(shown.stdout));
  });

  it('does not go back to a region that the cloud says does not exist', async () => {
    running = await start(home);
    await running.post('ecs', { name: 'web_1', ...place });
    const typos = [
      await running.post('ecs', { name: 'web_1', region: 'cn-hangzhuo' }),
      await running.post('cvm', { name: 'web_1', region: 'ap-tokio', projectId: 0 }),
    ];
    expect(typos.map(({ body }) => body.code)).toEqual(['REGION_UNKNOWN', 'REGION_UNKNOWN']);
    const { status, stdout, stderr } = keyvend();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^ecs default cn-hangzhou: matched 1, [^\n]*\n$/);
  });

  it('lists what does not agree, place by place, and says so by its exit code', async () => {
    running = await start(home);
    for (const name of ['web_1', 'web_2']) await running.post('ecs', { name, ...place });
    await running.post('ens', { name: 'edge' });
    const agreed = keyvend();
    expect(agreed).toMatchObject({ status: 0, stderr: '' });
    expect(agreed.stdout).toMatch(
      /^ecs default cn-hangzhou: matched 2, .*, foreign 0\nens default global: matched 1, /,
    );

    const store = await readersStore({ KEYVEND_HOME: home });
    const identity = { provider: 'ecs', account: 'default', ...place, name: 'web_2' } as const;
    const id = (await store.find(identity))!.versions[0]!.id;
    await store.remove(identity, id);
    await store.close();
    const { status, stdout } = keyvend('--provider', 'ecs');
    expect(status).toBe(1);
    expect(stdout).toMatch(/matched 1, .*upstream-only 1.*\n {2}upstream-only {8}web_2 ssh-\w+\n$/);
    expect(keyvend('--fix').stdout).toContain('left as it is: a person must decide');

    const [only] = JSON.parse(keyvend('--json', '--region', place.region).stdout);
    expect(only).toMatchObject({ provider: 'ecs', counts: { matched: 1, 'upstream-only': 1 } });
    expect(keyvend('--account', 'nobody').stdout).toBe('no key pair is known of in such a place\n');
  });

  it('looks at every other place when one cannot be read', async () => {
    running = await start(home);
    await running.post('ecs', { name: 'web_1', ...place });
    await running.post('ens', { name: 'edge' });
    const environment = readEnvironment(home);
    const { ens: _, ...others } = JSON.parse(environment.KEYVEND_UPSTREAM!);
    const env = { ...process.env, ...environment, KEYVEND_UPSTREAM: JSON.stringify(others) };
    const words = ['local/keyvend.ts', 'reconcile'];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { env, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'keyvend: ens default global could not be read\n' });
    expect(stdout).toMatch(/^ecs default cn-hangzhou: matched 1, /);
  });

  it.each([
    [['web'], 'too many arguments'],
    [['--provider', 'gcp'], 'provider is not one of the allowed values'],
  ])('says what is wrong with %j', async (words, said) => {
    running = await start(home);
    const { status, stderr } = keyvend(...words);
    expect([1, 2]).toContain(status);
    expect(stderr).toContain(said);
  });
});
