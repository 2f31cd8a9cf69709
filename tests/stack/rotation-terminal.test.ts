// `keyvend rotate`, `keyvend rotation ...` and `keyvend show`, as a person types them beside `npm start`.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Running, start } from './process.ts';

const region = 'cn-hangzhou';
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
let home: string;
let running: Running;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyvend-terminal-'));
  running = await start(home, { KEYVEND_RECOVERY_MS: '200', KEYVEND_MAX_AGE_DAYS: '12', KEYVEND_OVERLAP_DAYS: '3' });
});
afterAll(async () => {
  await running.end('SIGTERM');
  await rm(home, { recursive: true });
});

const keyvend = (...words: string[]): SpawnSyncReturns<string> => {
  const env = { ...process.env, KEYVEND_HOME: home };
  return spawnSync(process.execPath, ['local/keyvend.ts', ...words], { env, encoding: 'utf8' });
};
/** @param words a command, and what it takes beside the name of the key pair */
const of = (name: string, command: string, ...words: string[]) =>
  keyvend(...command.split(' '), 'ecs', name, '--region', region, ...words);

const unreachable = (port: number) => ({
  ...{ host: '127.0.0.1', port, user: 'root' },
  hostKeys: [`SHA256:${'a'.repeat(43)}`],
});
/** A key pair, with hosts that are not there. */
async function vended(name: string, ports: readonly number[] = []): Promise<void> {
  expect((await running.post('ecs', { name, region })).status).toBe(201);
  if (ports.length === 0) return;
  const path = `/v1/ecs/key-pairs/${name}/policy?region=${region}`;
  expect((await running.ask('PUT', path, { hosts: ports.map(unreachable) })).status).toBe(200);
}

describe('a rotation from a terminal', () => {
  it('is begun, waited for until it is promoted, and shown with what comes next', async () => {
    await vended('plain');
    const began = of('plain', 'rotate');
    expect(began).toMatchObject({ status: 0, stderr: '' });
    expect(began.stdout).toMatch(/^rotation \S+: requested; the worker was told\n/);
    const [id] = UUID.exec(began.stdout)!;

    const waited = of('plain', 'rotation wait', '--timeout', '60');
    expect(waited, waited.stderr).toMatchObject({ status: 0, stderr: '' });
    expect(waited.stdout.trim().split('\n').at(-1)).toMatch(/^\d{4}-\S+Z promoted$/);

    const shown = of('plain', 'rotation show', '--id', id);
    expect(shown.stdout).toContain(`rotation ${id}: promoted`);
    expect(shown.stdout).toMatch(/next: the old line is removed from the hosts, \S+ \(in 2 d\)/);
    const report = JSON.parse(of('plain', 'rotation show', '--json').stdout);
    expect(report).toMatchObject({ id, state: 'promoted', hosts: [], failures: 0, outgoing: [], returned: [] });

    const late = of('plain', 'rotation cancel');
    expect([late.status, late.stdout]).toEqual([5, '']);
    expect(late.stderr).toMatch(/^keyvend: It is too late to cancel this\./);
    expect(of('plain', 'rotation wait', '--until', 'purged', '--timeout', '0')).toMatchObject({
      status: 124,
      stderr: 'keyvend: the time is over; the rotation goes on\n',
    });
  });

  it('says that one is under way, shows what to do about each host, goes on without some, and is cancelled', async () => {
    await vended('stuck', [1, 2]);
    const [id] = UUID.exec(of('stuck', 'rotate').stdout)!;
    const again = of('stuck', 'rotate');
    expect(again.status).toBe(0);
    expect(again.stdout).toMatch(
      new RegExp(`^rotation ${id}: \\S+; it was under way already, and no other one was begun\\n`),
    );

    for (let tries = 0; tries < 100; tries += 1)
      if (of('stuck', 'rotation show').stdout.includes('COVERAGE_MISSED')) break;
    const shown = of('stuck', 'rotation show').stdout;
    expect(shown).toMatch(
      / {2}failed \d+ times?, by COVERAGE_MISSED \S+ \(\d+ \w+ ago\)\n {4}Too few hosts are done\./,
    );
    expect(shown).toMatch(
      /root@127\.0\.0\.1:1 {2}unverified, HOST_UNREACHABLE, tried .*\n {4}It could not be reached\./,
    );
    expect(shown).toMatch(/ {2}last try \S+/);
    expect(shown).not.toMatch(/\bsend\b.*\brequest\b/);

    const nobody = ['--host', 'root@127.0.0.1:1', '--host', 'root@nobody:22'];
    const refused = of('stuck', 'rotation waive', ...nobody);
    expect([refused.status, refused.stdout]).toEqual([3, '']);
    expect(refused.stderr).toMatch(/no such host as --host number 2/);
    expect(refused.stderr).not.toContain('nobody');
    expect(of('stuck', 'rotation show').stdout).not.toContain('waived');
    const waived = of('stuck', 'rotation waive', '--host', 'root@127.0.0.1:1', '--host', 'root@127.0.0.1:2');
    expect(waived).toMatchObject({ status: 0, stderr: '' });
    expect(of('stuck', 'rotation show').stdout.match(/waived/g)).toHaveLength(2);

    const cancelled = of('stuck', 'rotation cancel', '--id', id);
    expect(cancelled.stdout).toMatch(new RegExp(`^rotation ${id}: cancell(ing|ed); the worker was told\n`));
    expect(of('stuck', 'rotation wait', '--timeout', '30')).toMatchObject({
      status: 7,
      stderr: 'keyvend: the rotation was cancelled\n',
    });
  });

  it.each<[string, string[], number, string]>([
    [
      'a key pair that is not there',
      ['rotation', 'show', 'ecs', 'nobody', '--region', region],
      3,
      'No key pair of that',
    ],
    ['a key pair that is not there', ['show', 'ecs', 'nobody', '--region', region], 3, 'No key pair of that name'],
    ['an action that is none', ['rotation', 'undo', 'ens', 'web'], 2, "unknown command 'undo'"],
    ['an action of every object', ['rotation', 'constructor', 'ens', 'web'], 2, 'unknown command'],
    ['no action', ['rotation'], 2, 'rotation takes one of show, wait, cancel, waive'],
    ['a provider that is none', ['rotation', 'show', 'gcp', 'web'], 2, 'the provider is one of ens, ecs, cvm'],
    ['too many names', ['show', 'ens', 'web', 'app'], 2, "too many arguments for 'show': it takes 2"],
    ['a missing region', ['rotation', 'wait', 'ecs', 'web'], 2, '--region is needed'],
    ['a state that is no end', ['rotation', 'wait', 'ens', 'web', '--until', 'staged'], 2, '--until takes promoted'],
    ['a time that is none', ['rotation', 'wait', 'ens', 'web', '--timeout', 'soon'], 2, '--timeout takes'],
    ['no host', ['rotation', 'waive', 'ens', 'web'], 2, '--host is needed'],
  ])('says what is wrong with %s: %j', (_, words, status, said) => {
    const answer = keyvend(...words);
    expect([answer.status, answer.stdout]).toEqual([status, '']);
    expect(answer.stderr).toContain(said);
  });

  it('of a key pair without one, or by an id that is not on record, is not there', async () => {
    await vended('fresh');
    for (const words of [[], ['--id', '00000000-0000-4000-8000-000000000000']]) {
      const { status, stdout, stderr } = of('fresh', 'rotation show', ...words);
      expect([status, stdout]).toEqual([3, '']);
      expect(stderr).toMatch(/^keyvend: No such rotation of this key pair is on record\./);
    }
  });
});

describe('a key pair from a terminal', () => {
  it('is shown with its policy as it is configured for what runs here, and when it is rotated next', async () => {
    await vended('shown');
    const { status, stdout } = of('shown', 'show');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ecs shown, region cn-hangzhou, account default: active\n/);
    expect(stdout).toMatch(/rotated every 12 days, overlap 3 days, coverage 1\n/);
    expect(stdout).toMatch(/next rotation by age: \S+ \(in (9|10|11|12) d\)\n/); // in the last quarter of its age
    const report = JSON.parse(of('shown', 'show', '--json').stdout);
    expect(report).toMatchObject({ name: 'shown', state: 'active', policy: { maxAgeDays: 12 }, rotations: [] });
    expect(JSON.stringify(report)).not.toContain('PRIVATE KEY');

    const path = `/v1/ecs/key-pairs/shown?region=${region}`;
    expect((await running.ask('DELETE', path)).status).toBe(202);
    expect(of('shown', 'show').stdout).toMatch(
      /retired\n[\s\S]*never: it is out of use[\s\S]*purged from \S+ \(in 29 d\) on/,
    );
  });
});
