// A SQLite ledger with a given number of key pairs in it, and a meter under it.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../../lib/clock.ts';
import { attemptJson, entryOf } from '../../lib/ledger/entry.ts';
import { sqliteLedger } from '../../lib/ledger/sqlite/sqlite-ledger.ts';
import { statements } from '../../lib/ledger/sqlite/sqlite-statements.ts';
import type { Attempt } from '../../lib/vending/attempt.ts';
import type { KeyPairRecord } from '../../lib/vending/record.ts';
import { Meter } from './cost.ts';
import { type Filled, filed } from './operations.ts';

export async function filledSqlite(folder: string, keys: number): Promise<Filled> {
  const path = join(folder, `ledger-${keys}.sqlite`);
  const open = () => sqliteLedger<KeyPairRecord, Attempt>({ path, clock: systemClock });
  await (await open()).close();
  await fill(path, keys);
  const meter = new Meter();
  return { keys, meter, ledger: meter.metered(await counted(meter, open)) };
}

/** The ledger's own statements, in one transaction that nothing would survive. */
async function fill(path: string, keys: number): Promise<void> {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN');
  const [insert, fileAttempt] = [database.prepare(statements.insert), database.prepare(statements.fileAttempt)];
  for await (const { record, id, attempt } of filed(keys)) {
    const { key, listed, state, aside, due, json } = entryOf(record);
    const { settle = null, rotate = null, announce = null } = due;
    insert.run({ identity: key, listed, state, aside: Number(aside), settle, rotate, announce, record: json });
    fileAttempt.run({ identity: key, id, attempt: attemptJson(attempt), until: null });
  }
  database.exec('COMMIT');
  database.close();
}

/** Every statement that is prepared meanwhile tells the meter what it returns and changes. */
async function counted<T>(meter: Meter, work: () => Promise<T>): Promise<T> {
  const { prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, ...given) {
    const statement = Reflect.apply(prepare, this, given);
    const { get, all, iterate, run } = statement;
    const heard =
      <R>(method: (...values: never[]) => R, rows: (result: R) => number, into: 'read' | 'written') =>
      (...values: never[]): R => {
        const result = Reflect.apply(method, statement, values);
        meter[into] += rows(result);
        meter.bytes += JSON.stringify(into === 'read' ? [values, result] : values).length;
        return result;
      };
    return Object.assign(statement, {
      get: heard(get, (row) => (row === undefined ? 0 : 1), 'read'),
      all: heard(all, ({ length }) => length, 'read'),
      iterate: (...values: never[]) => {
        const rows = Array.from(Reflect.apply(iterate, statement, values) as Iterable<object>);
        return heard(
          () => rows,
          ({ length }) => length,
          'read',
        )(...values).values();
      },
      run: heard(run, ({ changes }) => Number(changes), 'written'),
    });
  };
  try {
    return await work();
  } finally {
    DatabaseSync.prototype.prepare = prepare;
  }
}
