// A file can be copied, and an old copy can be put in its place: what of that a ledger notices.
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sqliteLedger } from '../../../lib/ledger/sqlite/sqlite-ledger.ts';
import { type TestLedger, type TestRecord, web } from '../../conformance/ledger-harness.ts';
import { testClock } from '../../doubles/test-clock.ts';

const clock = testClock();
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyvend-witness-'));
  path = join(folder, 'ledger.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function using<T>(act: (ledger: TestLedger) => Promise<T>, at = path): Promise<T> {
  const ledger = await sqliteLedger<TestRecord, unknown>({ path: at, clock });
  try {
    return await act(ledger);
  } finally {
    await ledger.close();
  }
}
const home = (at = path) => using((ledger) => ledger.home(), at);
const file = (count = 1) =>
  using(async (ledger) => {
    for (let i = 0; i < count; i += 1) await ledger.fileAttempt(web, randomUUID(), {});
  });
const copyAll = (to: string) => {
  for (const name of readdirSync(folder)) if (name.startsWith('ledger')) cpSync(join(folder, name), join(to, name));
};

describe('the home of a file', () => {
  it('stays when the ledger is closed, opened, filled and vacuumed', async () => {
    const first = await home();
    await file(20);
    const database = new DatabaseSync(path);
    database.exec('VACUUM');
    database.close();
    expect(await home()).toBe(first);
  });

  it('changes when an earlier copy is put in its place', async () => {
    const first = await home();
    const kept = mkdtempSync(join(folder, 'kept-'));
    copyAll(kept);
    await file();
    for (const name of readdirSync(kept)) if (!name.endsWith('.json')) renameSync(join(kept, name), join(folder, name));
    expect(await home()).not.toBe(first);
  });

  it('changes when an earlier state is written into the same file', async () => {
    await file();
    const first = await home();
    const kept = join(folder, 'kept.sqlite');
    const database = new DatabaseSync(path);
    await backup(database, kept);
    database.close();
    await file();
    const earlier = new DatabaseSync(kept);
    await backup(earlier, path);
    earlier.close();
    const second = await home();
    expect(second).not.toBe(first);
    await file(5); // and it is not the old one again when it has grown
    expect(await home()).toBe(second);
  });

  it('is not that of a copy, with or without what lies beside it', async () => {
    const first = await home();
    const elsewhere = mkdtempSync(join(folder, 'elsewhere-'));
    copyAll(elsewhere);
    const copied = await home(join(elsewhere, 'ledger.sqlite'));
    rmSync(join(elsewhere, 'ledger.sqlite.witness.json'));
    const bare = await home(join(elsewhere, 'ledger.sqlite'));
    expect(new Set([first, copied, bare]).size).toBe(3);
    expect(await home()).toBe(first);
  });

  it('changes when the note is gone or is no note', async () => {
    const first = await home();
    writeFileSync(`${path}.witness.json`, 'something else\n');
    const second = await home();
    rmSync(`${path}.witness.json`);
    const third = await home();
    expect(new Set([first, second, third]).size).toBe(3);
    expect(readFileSync(`${path}.witness.json`, 'utf8')).toContain(third);
  });
});
