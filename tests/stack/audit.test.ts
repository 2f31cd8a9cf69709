// The trail on a stack as a user starts it: who did what, by whatever door; and what verifying it finds.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Running, start } from './process.ts';

let home: string;
let running: Running;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyvend-audit-'));
  running = await start(home, { KEYVEND_RECOVERY_MS: '200' });
}, 30_000);
afterEach(async () => {
  await running.end('SIGTERM');
  await rm(home, { recursive: true });
});

interface Entry {
  readonly did: string;
  readonly who: string;
  readonly door: string;
  readonly seq: number;
  readonly after: Readonly<Record<string, unknown>>;
  readonly grant?: string;
  readonly document?: string;
}

const path = '/v1/ecs/key-pairs/team-a-1';
const at = '?region=cn-hangzhou';
const authorization = async (holder: string) => ({
  authorization: `Bearer ${(await readFile(join(home, 'tokens', holder), 'utf8')).trim()}`,
});
const history = async (query = '') => {
  const { body } = await running.ask('GET', `${path}/history${at}${query}`, undefined, await authorization('auditor'));
  return body as { entries: Entry[]; cursor?: string };
};

async function verify(...words: string[]) {
  const env = { ...process.env, KEYVEND_HOME: home };
  const child = spawn(process.execPath, ['local/keyvend.ts', 'audit', 'verify', ...words], { env });
  const [stdout, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { stdout, status };
}

/** A change in the ledger's file, as somebody with access to it would make it. */
function tampered(sql: string): void {
  const database = new DatabaseSync(join(home, 'ledger.sqlite'));
  database.exec(sql);
  database.close();
}

/** Vended by a team, its policy set, retired by the team, restored by the operator. */
async function lived(): Promise<void> {
  const team = await authorization('team-a');
  expect((await running.post('ecs', { name: 'team-a-1', region: 'cn-hangzhou' }, team)).status).toBe(201);
  expect((await running.ask('PUT', `${path}/policy${at}`, { maxAgeDays: 30 }, team)).status).toBe(200);
  expect((await running.ask('DELETE', `${path}${at}`, undefined, team)).status).toBe(202);
  expect((await running.ask('POST', `${path}/restoration${at}`)).status).toBe(200);
}

/** All five entries; each may have been sent more than once. */
const sentOn = () =>
  expect
    .poll(async () => new Set((await readFile(join(home, 'trail.jsonl'), 'utf8').catch(() => '')).match(/^.+$/gm)).size)
    .toBe(5);

describe('the trail', () => {
  it('says who did what, by what grant, in order; and restoring does not erase who retired', async () => {
    await lived();
    const { entries } = await history();
    expect(entries.map(({ did, who }) => [did, who.split(' ').at(-1)])).toEqual([
      ['restored', 'operator'],
      ['retired', 'team-a'],
      ['policy-set', 'team-a'],
      ['activated', 'team-a'],
      ['attempt-opened', 'team-a'],
    ]);
    expect(entries[2]).toMatchObject({ door: 'http', grant: 'team-a', after: { 'policy maxAgeDays': 30 } });
    expect(entries[2]?.document).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(entries)).not.toContain('PRIVATE KEY');
  });

  it('can be read page by page, and by whoever has the right alone', async () => {
    await lived();
    const first = await history('&limit=2');
    const second = await history(`&limit=10&cursor=${first.cursor}`);
    expect([...first.entries, ...second.entries].map(({ seq }) => seq)).toEqual([5, 4, 3, 2, 1]);
    expect(second.cursor).toBeUndefined();
    const team = await authorization('team-a');
    expect((await running.ask('GET', `${path}/history${at}`, undefined, team)).status).toBe(403);
    expect((await running.ask('GET', '/v1/audit', undefined, team)).body).toEqual({ keyPairs: [] });
    const audit = (await running.ask('GET', '/v1/audit', undefined, await authorization('auditor'))).body;
    expect(audit.keyPairs).toMatchObject([{ name: 'team-a-1', seq: 5, entries: { length: 5 } }]);
  });

  it('is sent on to a file beside the ledger, and whole', async () => {
    await lived();
    await sentOn();
    const { stdout, status } = await verify();
    expect({ stdout, status }).toEqual({
      stdout: '1 key pair, 5 entries: whole; up to the last entry that was kept elsewhere\n',
      status: 0,
    });
  });
});

describe('verifying the trail', () => {
  const entry = (seq: number) => `key LIKE 'trail %team-a-1 ${String(seq).padStart(9, '0')}'`;
  beforeEach(async () => {
    await lived();
    await sentOn();
    await running.end('SIGTERM');
  });

  it.each<[string, string, RegExp]>([
    ['removed', `DELETE FROM remembered WHERE ${entry(3)}`, /entry 3 is missing/],
    [
      'changed',
      `UPDATE remembered SET value = replace(value, 'team-a', 'team-b') WHERE ${entry(4)}`,
      /entry 4 was changed/,
    ],
    [
      'put in the place of another',
      `UPDATE remembered SET value = (SELECT value FROM remembered WHERE ${entry(2)}) WHERE ${entry(3)}`,
      /entry 3 is in the place of another one/,
    ],
    ['made unreadable', `UPDATE remembered SET value = '{' WHERE ${entry(1)}`, /entry 1 is missing/],
  ])('finds an entry that was %s', async (_, sql, fault) => {
    tampered(sql);
    const { stdout, status } = await verify();
    expect({ stdout, status }).toEqual({ stdout: expect.stringMatching(fault), status: 1 });
  });

  it('finds an end that was cut off, by what was kept elsewhere alone', async () => {
    const anchors = join(home, 'kept.jsonl');
    await writeFile(anchors, await readFile(join(home, 'trail.jsonl'), 'utf8'));
    await rm(join(home, 'trail.jsonl'));
    const database = new DatabaseSync(join(home, 'ledger.sqlite'));
    const { record, identity } = database.prepare('SELECT identity, record FROM records').get() as Record<
      string,
      string
    >;
    const { value } = database.prepare(`SELECT value FROM remembered WHERE ${entry(3)}`).get() as Record<
      string,
      string
    >;
    const cut = { ...JSON.parse(record!), trail: { seq: 3, digest: JSON.parse(value!).digest } };
    database.prepare('UPDATE records SET record = ? WHERE identity = ?').run(JSON.stringify(cut), identity!);
    database.exec(`DELETE FROM remembered WHERE ${entry(4)} OR ${entry(5)}`);
    database.close();
    expect(await verify()).toEqual({ stdout: expect.stringMatching(/3 entries: whole; end not proved/), status: 0 });
    const found = await verify('--anchors', anchors);
    expect(found).toEqual({
      stdout: expect.stringMatching(/entry 5, which was kept elsewhere, is missing/),
      status: 1,
    });
    tampered('DELETE FROM records');
    expect((await verify('--anchors', anchors)).stdout).toMatch(
      /team-a-1: its entries were kept elsewhere, and it is on no record/,
    );
  });
});
