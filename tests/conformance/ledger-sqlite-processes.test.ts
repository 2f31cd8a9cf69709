// Real processes on one file: at once, and killed in the middle.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sqliteLedger } from '../../lib/ledger/sqlite/sqlite-ledger.ts';
import { testClock } from '../doubles/test-clock.ts';
import { active, called, namesOf, numbers, type TestLedger, type TestRecord, web } from './ledger-harness.ts';

const script = fileURLToPath(new URL('./ledger-sqlite-child.ts', import.meta.url));
let folder: string;
let path: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyvend-ledger-'));
  path = join(folder, 'ledger.db');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const open = (): Promise<TestLedger> => sqliteLedger<TestRecord, unknown>({ path, clock: testClock() });

/** Resolves when the process is ready. `next` gives what it says from then on, parsed. */
async function child(job: 'open' | 'race' | 'write') {
  const process_ = spawn(process.execPath, [script, path, job], { stdio: ['pipe', 'pipe', 'pipe'] });
  children.push(process_);
  let complaint = '';
  process_.stderr.on('data', (bytes) => {
    complaint += bytes;
  });
  const ended = once(process_, 'close');
  const lines = createInterface({ input: process_.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the process ended: ${complaint}`);
    return JSON.parse(value);
  };
  expect(await next()).toBe('ready');
  return {
    next,
    pid: process_.pid!,
    go: () => process_.stdin.write('go\n'),
    async kill() {
      process_.kill('SIGKILL');
      const said: unknown[] = [];
      for await (const line of lines) said.push(JSON.parse(line));
      await ended;
      return said;
    },
  };
}

describe('processes on one ledger file', () => {
  it.for(numbers(3))('may all be the first to open it (round %d)', async () => {
    const all = await Promise.all(numbers(6).map(() => child('open')));
    for (const one of all) one.go();
    expect(await Promise.all(all.map((one) => one.next()))).toEqual(numbers(6).map(() => 'done'));
    const ledger = await open();
    const listed = (await ledger.list({ limit: 100 })).records.map(({ identity }) => identity);
    expect(namesOf(listed).sort()).toEqual(all.map(({ pid }) => `n${pid}`).sort());
    await ledger.close();
  });

  it('win each race once between them, whatever it is for', async () => {
    const ledger = await open();
    await ledger.write(active(web, { note: 0 }), 0);
    const all = await Promise.all(numbers(4).map(() => child('race')));
    for (const one of all) one.go();
    const did = await Promise.all(all.map((one) => one.next()));
    const sum = (what: string) => did.reduce((total, each) => total + each[what], 0);
    expect({ opened: sum('opened'), permits: sum('permits') }).toEqual({ opened: 40, permits: 4 * 13 });
    expect(await ledger.read(web)).toEqual({ record: active(web, { note: 160 }), revision: 161 });
    for (const i of numbers(40)) expect(new Set(did.map(({ remembered }) => remembered[i])).size).toBe(1);
    expect((await ledger.attempts(web)).size).toBe(160);
    expect(namesOf(await ledger.due('settle', 100, 100))).toEqual(numbers(40).map((i) => `n${i}`));
    await ledger.close();
  });

  // With another process that stays, as in production, and alone, so that the next one has to recover the log.
  it.for([true, false])(
    'may be killed at any moment, and lose no acknowledged write (another one stays: %s)',
    async (stays) => {
      const ledger = stays ? await open() : undefined;
      const attempted: [string, number][] = [];
      for (const round of numbers(6)) {
        const writer = await child('write');
        writer.go();
        const acknowledged = new Map<string, number>();
        const note = (said: unknown) => {
          acknowledged.set(...(said as [string, number]));
          attempted.push(said as [string, number]);
        };
        // After so many acknowledged writes, and then as soon as the signal gets there: somewhere in the next one.
        for (const _ of numbers(3 + round * 5)) note(await writer.next());
        for (const said of await writer.kill()) note(said);

        const reader = ledger ?? (await open());
        for (const [name, revision] of acknowledged) {
          const filed = (await reader.read(called(name)))!;
          expect([revision, revision + 1]).toContain(filed.revision);
          const { note, settleAtMs } = filed.record;
          expect(note === `${filed.revision} `.repeat(2_000), 'the record is whole').toBe(true);
          expect(settleAtMs).toBe(filed.revision);
        }
        for (const [name, id] of attempted) {
          const filed = (await reader.attempts(called(name))).get(String(id));
          expect(filed === `${id} `.repeat(2_000), `attempt ${id} of ${name}`).toBe(true);
        }
        if (!stays) await reader.close();
        const database = new DatabaseSync(path, { readOnly: true });
        expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
        database.close();
      }
      await ledger?.close();
    },
  );
});
