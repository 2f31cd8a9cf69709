// `npm start -- --check` and `keyvend check`, as whoever configures keyvend reads them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../local/stack/environment.ts';
import { type Running, start } from './process.ts';

let home: string;
let running: Running | undefined;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyvend-check-'));
});
afterEach(async () => {
  await running?.end('SIGTERM');
  running = undefined;
  await rm(home, { recursive: true });
});

function run(words: readonly string[], environment: Record<string, string | undefined>) {
  const env = { ...process.env, KEYVEND_HOME: join(home, 'here'), ...environment };
  return spawnSync(process.execPath, words, { env, encoding: 'utf8' });
}
const checked = (environment: Record<string, string | undefined> = {}) =>
  run(['local/start.ts', '--check'], environment);

describe('npm start -- --check', () => {
  it('starts nothing and makes nothing, and says what is set, what is usual and what is off', () => {
    const { status, stdout, stderr } = checked({ KEYVEND_OVERLAP_DAYS: '3' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^set\n(.*\n)* {2}KEYVEND_OVERLAP_DAYS +3\n/);
    expect(stdout).toMatch(/\nby default\n(.*\n)* {2}KEYVEND_GRACE_DAYS +30\n/);
    expect(stdout).toMatch(/\noff\n {2}rotation by age, .*: set KEYVEND_MAX_AGE_DAYS\n/);
    expect(stdout).toMatch(/\nwould be refused: nothing\n$/);
    expect(existsSync(join(home, 'here'))).toBe(false);
    expect(checked({ KEYVEND_MAX_AGE_DAYS: '90' }).stdout).not.toMatch(/rotation by age/);
  });

  it.each<[Record<string, string>, RegExp]>([
    [{ KEYVEND_MAXAGE_DAYS: '90' }, /nobody knows KEYVEND_MAXAGE_DAYS\n/],
    [{ KEYVEND_LEASE_MS: '1' }, /KEYVEND_LEASE_MS=1 cannot work, \d+ is the least\n/],
    [{ KEYVEND_GRACE_DAYS: 'soon' }, /missing or wrong in the environment: KEYVEND_GRACE_DAYS\n/],
    [{ KEYVEND_HOST_NETWORKS: '169.254.0.0/16' }, /KEYVEND_HOST_NETWORKS\n/],
    [{ KEYVEND_ACCESS: 'nowhere.yaml' }, /the access document: the file: cannot be read\n/],
  ])('says what would be refused, and ends with 1: %j', (environment, said) => {
    const { status, stdout } = checked(environment);
    expect(status).toBe(1);
    expect(stdout.slice(stdout.indexOf('\nwould be refused\n'))).toMatch(said);
  });

  it.each([
    'KEYVEND_MAX_AGE_DAYS',
    'KEYVEND_HOST_PORTS',
    'KEYVEND_COVERAGE',
    'KEYVEND_ECS_QUOTA',
    'KEYVEND_HORIZON_MS',
  ])('says of a wrong %s what starting says', (name) => {
    const wrong = { [name]: 'wrong' };
    expect(checked(wrong).status).toBe(1);
    const started = run(['local/start.ts'], { ...wrong, PORT: '0', KEYVEND_CLOUDS_PORT: '0' });
    expect([started.status, started.stdout]).toEqual([1, '']);
    expect(started.stderr).toContain(name);
  });
});

describe('keyvend check', () => {
  it('shows what the running stack has, and no secret, and whether this is the same', async () => {
    running = await start(home, { KEYVEND_OVERLAP_DAYS: '3' });
    const here = run(['local/keyvend.ts', 'check'], { KEYVEND_HOME: home });
    expect(here).toMatchObject({ status: 0, stderr: '' });
    expect(here.stdout).toMatch(/KEYVEND_OVERLAP_DAYS +3\n/);
    expect(here.stdout).toMatch(/\nthe functions of this deployment have the same\n$/);
    const json = JSON.parse(
      run(['local/keyvend.ts', 'check', '--json'], { KEYVEND_HOME: home, KEYVEND_URL: '' }).stdout,
    );
    expect(json).toMatchObject({ set: { KEYVEND_OVERLAP_DAYS: '3' }, refused: [] });
    const ledger = run(['local/keyvend.ts', 'ledger', '--json'], { KEYVEND_HOME: home });
    expect(JSON.parse(ledger.stdout)).toMatchObject({ earlier: [], doubts: [] });
    const audit = run(['local/keyvend.ts', 'audit', 'verify', '--json'], { KEYVEND_HOME: home });
    expect(JSON.parse(audit.stdout)).toEqual({ keyPairs: 0, entries: 0, endProved: expect.any(Boolean), faults: [] });

    const stated = readEnvironment(home);
    for (const hidden of [stated.KEYVEND_UPSTREAM!, stated.KEYVEND_QUEUE_KEY!])
      expect(here.stdout).not.toContain(hidden);

    const other = run(['local/keyvend.ts', 'check'], { ...stated, KEYVEND_OVERLAP_DAYS: undefined });
    expect(other.status).toBe(1);
    expect(other.stdout).toMatch(/\nCONFIGURATION_DIFFERS: .* another KEYVEND_OVERLAP_DAYS\. /);
  });
});
