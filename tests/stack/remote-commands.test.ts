// The commands that call a deployment over HTTP, beside `npm start`.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Running, start } from './process.ts';

let home: string;
let running: Running;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyvend-remote-'));
  running = await start(home, { KEYVEND_RECOVERY_MS: '200' });
});
afterAll(async () => {
  await running.end('SIGTERM');
  await rm(home, { recursive: true });
});

const ran = (words: readonly string[], env: Record<string, string>) =>
  spawnSync(process.execPath, ['local/keyvend.ts', ...words], {
    env: { PATH: process.env.PATH, HOME: home, ...env },
    encoding: 'utf8',
  });
/** By its folder, as whoever has just started it does. */
const beside = (...words: string[]) => ran(words, { KEYVEND_HOME: home });
/** By its address, as from anywhere. @param who a file of tokens/ */
const as = (who: string, ...words: string[]) =>
  ran([...words, '--token-file', join(home, 'tokens', who)], { KEYVEND_URL: running.endpoint });
const far = (...words: string[]) => as('operator', ...words);
const web = (command: string, ...words: string[]) =>
  far(...command.split(' '), 'ecs', 'web', ...words, '--region', 'cn-hangzhou');

describe('a key pair', () => {
  it('is vended, found, read, rotated, looked up, retired and restored', () => {
    const vended = web('vend', '--tag', 'team=web');
    expect(vended.stderr).toBe('');
    expect(vended.stdout).toMatch(/^vended: \S+ \S+\n/);
    expect(vended.stdout).toContain('keyvend key ecs web --region cn-hangzhou\n');
    expect(web('vend', '--tag', 'team=web').stdout).toMatch(/^was vended already: /);

    const [head, ...rows] = far('list', '--name', 'we').stdout.trimEnd().split('\n');
    expect(head).toMatch(/^PROVIDER {2}REGION {7}ACCOUNT {2}NAME {2}STATE {3}REQUESTED/);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatch(/^ecs {7}cn-hangzhou {2}default {2}web {3}active {2}/);
    expect(far('list', '--name', 'nobody').stdout).toBe('there are no such key pairs that you may read\n');

    expect(web('show').stdout).toMatch(/^ecs web, region cn-hangzhou, account default: active\n/);
    expect(JSON.parse(web('show', '--json').stdout)).toMatchObject({ name: 'web', state: 'active' });

    expect(web('rotate').stdout).toMatch(/^rotation \S+: \S+\nsee how it goes: keyvend rotation show ecs web --region/);
    const waited = web('rotation wait', '--timeout', '60');
    expect([waited.status, waited.stderr]).toEqual([0, '']);
    expect(waited.stdout).toMatch(/Z promoted\n$/);
    expect(web('rotation show').stdout).toMatch(/^rotation \S+: promoted\n/);
    expect(web('rotation cancel')).toMatchObject({ status: 5, stdout: '' });
    expect(web('rotation wait', '--until', 'purged', '--timeout', '0')).toMatchObject({
      status: 124,
      stderr: 'keyvend: the time is over; the rotation goes on\n',
    });

    const dids = web('history', '--json')
      .stdout.trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).did);
    expect(dids.length).toBeGreaterThan(2);
    expect(web('history', '--limit', '1').stdout.trimEnd().split('\n')).toHaveLength(2);

    expect(web('retire').stdout).toMatch(/^retired: .*keyvend restore ecs web --region cn-hangzhou\n$/);
    expect(web('rotate')).toMatchObject({ status: 5, stdout: '' });
    expect(web('restore').stdout).toBe('restored: it is in use again\n');
  });

  it('has a policy that is set from a file of YAML', () => {
    expect(far('vend', 'ens', 'edge').status).toBe(0);
    const file = join(home, 'policy.yaml');
    writeFileSync(file, 'maxAgeDays: 30\noverlapDays: 2\n');
    const set = far('policy', 'set', 'ens', 'edge', file);
    expect([set.status, set.stdout]).toEqual([0, 'set; see how it is rotated: keyvend show ens edge\n']);
    expect(JSON.parse(far('policy', 'get', 'ens', 'edge').stdout)).toMatchObject({ maxAgeDays: 30, overlapDays: 2 });
    writeFileSync(file, 'maxAgeDays: soon\n');
    const wrong = far('policy', 'set', 'ens', 'edge', file);
    expect([wrong.status, wrong.stdout]).toEqual([2, '']);
    expect(wrong.stderr).toMatch(/\n {2}maxAgeDays .+\n$/);
    writeFileSync(file, '- none\n');
    expect(far('policy', 'set', 'ens', 'edge', file).stderr).toContain('is not an object of JSON or YAML');
  });
});

describe('a failure', () => {
  it('ends with the code of its kind, in a sentence or as the problem document', () => {
    const absent = far('show', 'ens', 'nobody');
    expect([absent.status, absent.stdout]).toEqual([3, '']);
    expect(absent.stderr).toMatch(/^keyvend: [^\n{]+\n$/);
    const problem = far('show', 'ens', 'nobody', '--json');
    expect(problem.status).toBe(3);
    expect(JSON.parse(problem.stderr)).toMatchObject({ status: 404, code: 'KEY_PAIR_ABSENT' });
    expect(as('team-a', 'vend', 'ens', 'other')).toMatchObject({ status: 4, stdout: '' });
    expect(far('vend', 'ens', '-').status).toBe(2);
    const signedOut = ran(['list'], { KEYVEND_URL: running.endpoint, KEYVEND_TOKEN: 'not one' });
    expect([signedOut.status, signedOut.stderr]).toEqual([4, expect.stringMatching(/ Sign in: keyvend login\n$/)]);
    const nobody = ran(['list'], { KEYVEND_URL: 'http://127.0.0.1:1', KEYVEND_TOKEN: 'x' });
    expect([nobody.status, nobody.stderr]).toEqual([
      1,
      'keyvend: http://127.0.0.1:1 does not answer; it is meant by KEYVEND_URL\n',
    ]);
  });
});

describe('what one may do', () => {
  it('is said by whoami, with which deployment is meant and why', () => {
    const here = beside('whoami');
    expect(here.stdout).toContain(
      `${running.endpoint}, by KEYVEND_HOME; token from the file token of what runs here\n`,
    );
    expect(here.stdout).toMatch(/^you are .*operator/m);
    const there = JSON.parse(as('team-a', 'whoami', '--json').stdout);
    expect(there.deployment).toEqual({ url: running.endpoint, by: 'KEYVEND_URL', tokenFrom: '--token-file' });
    expect(there.grants.map(({ id }: { id: string }) => id)).toContain('team-a');
  });

  it('is explained by the deployment: which grant permits it, or which is nearest', () => {
    const allowed = as('team-a', 'access', 'explain', 'vend', 'ens', 'team-a-web');
    expect([allowed.status, allowed.stdout]).toEqual([0, 'allowed by the grant team-a\n']);
    const denied = as('team-a', 'access', 'explain', 'vend', 'ens', 'other');
    expect(denied.status).toBe(1);
    expect(denied.stdout).toMatch(/^denied: .*\n {2}nearest {2}team-a: may yes, .*name NO\n/);
  });

  it('is also how much room each place has', () => {
    expect(far('quota', '--provider', 'ecs').stdout).toMatch(/^PROVIDER .*\necs +default +cn-hangzhou /);
  });
});

describe('the portal', () => {
  it('is opened at the page of a key pair, or its address is printed', () => {
    const { status, stdout } = beside('open', 'ens', 'edge', '--print');
    expect([status, stdout]).toEqual([0, `${running.endpoint}/portal/#/key-pairs/ens/global/default/edge\n`]);
  });
});
