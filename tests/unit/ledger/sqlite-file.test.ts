// What only a ledger in a file meets: files that are something else or go away, modes, query plans, other programs.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityKey } from '../../../lib/identity.ts';
import { listedAs } from '../../../lib/ledger/listing.ts';
import { sqliteLedger } from '../../../lib/ledger/sqlite/sqlite-ledger.ts';
import { ledgerKind, statements } from '../../../lib/ledger/sqlite/sqlite-statements.ts';
import { openSqliteFile } from '../../../lib/sqlite/sqlite-file.ts';
import { failureOf } from '../../conformance/key-pair-provider.ts';
import {
  active,
  called,
  everyCall,
  numbers,
  type TestLedger,
  type TestRecord,
  web,
} from '../../conformance/ledger-harness.ts';
import { testClock } from '../../doubles/test-clock.ts';

const clock = testClock();
let folder: string;
let path: string;
const opened: { close(): unknown }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyvend-ledger-'));
  path = join(folder, 'state', 'here', 'ledger.db');
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  rmSync(folder, { recursive: true });
});

async function open(busyTimeoutMs = 5_000): Promise<TestLedger> {
  const ledger = await sqliteLedger<TestRecord, unknown>({ path, clock, busyTimeoutMs });
  opened.push(ledger);
  return ledger;
}
function database(at = path): DatabaseSync {
  const made = new DatabaseSync(at);
  opened.push(made);
  return made;
}
const mode = (at: string) => (statSync(at).mode & 0o777).toString(8);
const unavailable = (effect: 'none' | 'unknown' = 'none') => ({ code: 'LEDGER_UNAVAILABLE', effect });
const calls = (ledger: TestLedger) => {
  const { reads, writes } = everyCall(ledger, clock.wallMs());
  return { all: Object.entries({ ...reads, ...writes }), writes: Object.entries(writes) };
};

describe('the file of a ledger', () => {
  it('is accessible to its owner alone, and so is what SQLite puts beside it', async () => {
    await (await open()).write(active(web), 0);
    expect([mode(path), mode(`${path}-wal`), mode(`${path}-shm`)]).toEqual(['600', '600', '600']);
    expect([mode(join(folder, 'state')), mode(join(folder, 'state', 'here'))]).toEqual(['700', '700']);
  });

  it('keeps a write-ahead log, and has each acknowledged write on disk', async () => {
    const file = await openSqliteFile(path, ledgerKind, 0);
    opened.push(file);
    expect(file.database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(file.database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 }); // FULL
  });

  it('is switched to a write-ahead log only once no other program holds it', async () => {
    await (await open()).close();
    opened.length = 0;
    const other = database();
    other.exec('PRAGMA journal_mode = DELETE; BEGIN IMMEDIATE');
    expect(await failureOf(open(50))).toMatchObject({ ...unavailable(), message: expect.stringContaining('locked') });
    const opening = open();
    await new Promise(setImmediate);
    other.exec('COMMIT');
    expect(await (await opening).write(active(web), 0)).toBe(1);
    expect(database().prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  });

  it('may be removed during a write, which then reports an unknown effect', async () => {
    const file = await openSqliteFile(path, ledgerKind, 0);
    opened.push(file);
    const removing = async () => file.write(() => rmSync(path));
    expect(await failureOf(removing())).toMatchObject(unavailable('unknown'));
  });

  it('keeps everything when it is closed and opened again', async () => {
    const first = await open();
    await first.write(active(web, { settleAtMs: 1 }), 0);
    await first.close();
    opened.length = 0;
    const again = await open();
    expect(await again.read(web)).toEqual({ record: active(web, { settleAtMs: 1 }), revision: 1 });
    expect(await again.due('settle', 1, 1)).toEqual([web]);
  });

  it('of an earlier version is gone on with, and its successors are set aside', async () => {
    const { schema, changes, application } = ledgerKind;
    path = join(folder, 'ledger.db');
    const earlier = database();
    earlier.exec(`${schema}; ${changes![0]}; PRAGMA application_id = ${application}; PRAGMA user_version = 2`);
    const insert = earlier.prepare(
      "INSERT INTO records (identity, listed, state, revision, record) VALUES (?, ?, 'active', 1, ?)",
    );
    for (const record of [active(web), { ...active(called('web_r2')), successorOf: 'web' }])
      insert.run(identityKey(record.identity), listedAs(record.identity), JSON.stringify(record));
    const ledger = await open();
    const names = async (own: { own?: true }) =>
      (await ledger.list({ limit: 9, ...own })).records.map(({ identity }) => identity.name);
    expect([await names({}), await names({ own: true })]).toEqual([['web', 'web_r2'], ['web']]);
  });

  it('may be empty, left by a process that was stopped before it made the first table', async () => {
    path = join(folder, 'ledger.db');
    writeFileSync(path, '');
    expect(await (await open()).write(active(web), 0)).toBe(1);
  });

  it.for<[string, () => void, string]>([
    ['text', () => writeFileSync(path, 'name = "web"\n'.repeat(1_000)), 'not a database'],
    ['another database', () => database().exec('CREATE TABLE users (id)'), 'is not a ledger'],
    ['another database without tables', () => database().exec('PRAGMA user_version = 1'), 'is not a ledger'],
    [
      'a database of another application',
      () => database().exec('PRAGMA application_id = 7; CREATE TABLE t (id)'),
      'is not a ledger',
    ],
    [
      'a newer ledger',
      () => database().exec('PRAGMA application_id = 0x6b766c67; PRAGMA user_version = 99'),
      'format 99',
    ],
    ['a folder', () => mkdirSync(path), 'cannot be used'],
  ])('is left as it is when it is %s', async ([, make, why]) => {
    path = join(folder, 'ledger.db');
    make();
    for (const one of opened.splice(0)) await one.close();
    const before = statSync(path).isFile() ? readFileSync(path) : undefined;
    const failure = await failureOf(open());
    expect(failure).toMatchObject(unavailable());
    expect(failure.message).toContain(why);
    expect(failure.message).not.toContain(folder);
    if (before) expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('is missed by every call once it is removed, even when another file has taken its name', async () => {
    const ledger = await open();
    await ledger.write(active(web), 0);
    renameSync(path, `${path}.gone`);
    for (const [name, call] of calls(ledger).all) expect(await failureOf(call()), name).toMatchObject(unavailable());
    await (await open()).write(active(web), 0);
    for (const [name, call] of calls(ledger).all) expect(await failureOf(call()), name).toMatchObject(unavailable());
  });

  it('is reported as damaged without anything of what is in it', async () => {
    const ledger = await open();
    for (const i of numbers(50)) await ledger.fileAttempt(web, String(i), 'wJalrXUtnFEMI '.repeat(100));
    await ledger.close();
    opened.length = 0;
    const bytes = readFileSync(path);
    bytes.fill(0x55, 4_096); // all but the first page, which holds the header
    writeFileSync(path, bytes);
    const failure = await failureOf(open().then((damaged) => damaged.attempts(web)));
    expect(failure).toMatchObject({ ...unavailable(), message: expect.stringContaining('malformed') });
    expect(String(failure.cause)).not.toContain('wJalrXUtnFEMI');
  });

  it('is not quoted in an error when a record in it is not JSON', async () => {
    const ledger = await open();
    await ledger.write(active(web), 0);
    database().exec(`UPDATE records SET record = '{"wJalrXUtnFEMI'`);
    for (const call of [ledger.read(web), ledger.list({ limit: 1 })]) {
      const failure = await failureOf(call);
      expect(failure).toMatchObject(unavailable());
      expect(failure.message + String(failure.cause)).not.toContain('wJalrXUtnFEMI');
    }
  });

  it('can be read while another program writes; a write waits for that, and then says that nothing was done', async () => {
    const ledger = await open(50);
    await ledger.write(active(web), 0);
    const other = database();
    other.exec('BEGIN IMMEDIATE; DELETE FROM records');
    expect((await ledger.read(web))?.revision).toBe(1);
    for (const [name, call] of calls(ledger).writes) {
      const failure = await failureOf(call());
      expect(failure, name).toMatchObject({ ...unavailable(), message: expect.stringContaining('locked') });
    }
    other.exec('ROLLBACK');
    expect(await ledger.write(active(web, { note: 2 }), 1)).toBe(2);
  });

  it('is not half written when a statement fails', async () => {
    const ledger = await open();
    await ledger.remember('key', 'value', clock.wallMs(), clock.wallMs() + 1);
    database().exec(`CREATE TRIGGER full BEFORE DELETE ON remembered BEGIN SELECT RAISE(ABORT, 'full'); END`);
    const later = clock.wallMs() + 10;
    expect(await failureOf(ledger.remember('other', 'value', later, later + 1))).toMatchObject(unavailable());
    database().exec('DROP TRIGGER full');
    expect(await ledger.remember('other', 'new', later, later + 1)).toBe('new');
  });

  it('is unavailable once the ledger is closed', async () => {
    const ledger = await open();
    await ledger.close();
    opened.length = 0;
    expect(await failureOf(ledger.read(web))).toMatchObject(unavailable());
  });

  it('leaves the mode of a folder that others may read as it is', async () => {
    chmodSync(folder, 0o755);
    path = join(folder, 'ledger.db');
    await open();
    expect([mode(folder), mode(path)]).toEqual(['755', '600']);
  });
});

describe('the cost of a call', () => {
  it('is one walk along an index, for every statement, whatever is in the tables', async () => {
    await open();
    const db = database();
    for (const [name, sql] of Object.entries(statements)) {
      const plan = db
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all({})
        .map(({ detail }) => String(detail));
      const walks = plan.filter((line) => !/^(LIST|SCALAR) SUBQUERY/.test(line));
      // Without USING it is the greatest number of a row, which is found at one end of the table (sqlite.org/optoverview.html).
      for (const line of walks)
        expect(line, name).toMatch(
          /^SEARCH .* USING (COVERING )?INDEX|^SEARCH .* USING INTEGER PRIMARY KEY|^SEARCH \w+$/,
        );
      if (sql.trimStart().startsWith('SELECT')) expect(walks, name).toHaveLength(1);
      if (/^list(Own)?State$/.test(name)) expect(walks[0]).toContain('(state=? AND listed>? AND listed<?)');
    }
  });

  it('includes the removal of a few rows that have expired', async () => {
    const ledger = await open();
    const now = clock.wallMs();
    const count = (table: string) => Number(database().prepare(`SELECT count(*) AS n FROM ${table}`).get()!.n);
    for (const i of numbers(45)) await ledger.remember(`old ${i}`, 'value', now, now + 1);
    for (const i of numbers(45)) await ledger.tryAcquire(`old ${i}`, 1, now + 1);
    clock.advance(1);
    const counts: number[][] = [];
    for (const i of numbers(6)) {
      await ledger.remember(`new ${i}`, 'value', now + 1, now + 2);
      await ledger.tryAcquire(`new ${i}`, 1, now + 2);
      counts.push([count('remembered'), count('slots')]);
    }
    expect(counts).toEqual([36, 27, 18, 9, 5, 6].map((rows) => [rows, rows]));
  });
});
