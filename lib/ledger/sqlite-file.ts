// One SQLite file that several processes use at once: opened, made where there is none, and refused where it is not ours.
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { type Made, VendingError } from '../errors.ts';
import { schema } from './sqlite-statements.ts';

/** In the file's header, so that `file` and we tell a ledger from any other database: "kvlg". */
const APPLICATION = 0x6b766c67;
const VERSION = 1;

export interface SqliteFile {
  readonly database: DatabaseSync;
  /** Looks first whether the path still leads to the opened file: an unlinked one takes writes, and they are lost. */
  read<T>(work: () => T): T;
  /** One transaction that holds the write lock from its start: it waits for others there, and later never fails for them. */
  write<T>(work: () => T): T;
  close(): void;
}

/**
 * @param busyMs how long to wait for another process's transaction
 * @throws {VendingError} LEDGER_UNAVAILABLE also for a file that is damaged, or is no ledger, or a newer one's; it is left as it is
 */
export async function openSqliteFile(path: string, busyMs: number): Promise<SqliteFile> {
  const where = resolve(path);
  let database: DatabaseSync | undefined;
  try {
    makePrivate(where);
    database = new DatabaseSync(where, { timeout: busyMs });
    expectLedger(database, 'or nothing yet');
    await useWriteAheadLog(database, busyMs);
    // FULL: what is acknowledged survives a power cut (sqlite.org/pragma.html#pragma_synchronous).
    database.exec('PRAGMA synchronous = FULL');
    makeTables(database);
    return guarded(database, where);
  } catch (error) {
    database?.close();
    throw unavailable(error, 'never');
  }
}

/** Only a file that we have just made is opened here: closing any other would drop this process's locks on it (sqlite.org/howtocorrupt.html, 2.2). */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(path, 'wx', 0o600)); // the -wal and -shm files get the same mode
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Its questions are one transaction: between two of them another process may make the tables. */
function expectLedger(database: DatabaseSync, orNothing?: 'or nothing yet'): void {
  transaction(database, 'BEGIN', () => {
    const number = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
    const application = number('PRAGMA application_id');
    const version = number('PRAGMA user_version');
    if (orNothing && application === 0 && version === 0 && number('SELECT count(*) FROM sqlite_schema') === 0) return;
    if (application !== APPLICATION) throw unusable('is not a ledger');
    if (version !== VERSION) throw unusable(`has format ${version}, this is for format ${VERSION}`);
  });
}

/** The change of mode needs the file for itself for a moment; SQLite waits for some of its users, and not for others. */
async function useWriteAheadLog(database: DatabaseSync, busyMs: number): Promise<void> {
  database.exec('PRAGMA busy_timeout = 0');
  for (let leftMs = busyMs; ; leftMs -= 10) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      break;
    } catch (error) {
      if (leftMs <= 0 || !isBusy(error)) throw error;
      await wait(10);
    }
  }
  database.exec(`PRAGMA busy_timeout = ${busyMs}`);
}

function makeTables(database: DatabaseSync): void {
  transaction(database, 'BEGIN IMMEDIATE', () => {
    if (database.prepare('PRAGMA application_id').get()?.application_id === 0) {
      database.exec(`${schema}; PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${VERSION}`);
    }
  });
  expectLedger(database); // another process may have been faster, and of another version
}

function guarded(database: DatabaseSync, path: string): SqliteFile {
  const opened = statSync(path);
  const expectFile = (made: Made) => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.ino !== opened.ino || found.dev !== opened.dev) throw unusable('was removed or replaced', made);
  };
  return {
    database,
    read(work) {
      try {
        expectFile('never');
        return work();
      } catch (error) {
        throw unavailable(error, 'never');
      }
    },
    write(work) {
      try {
        expectFile('never');
        const result = transaction(database, 'BEGIN IMMEDIATE', work);
        expectFile('unknown');
        return result;
      } catch (error) {
        throw unavailable(error, 'never');
      }
    },
    close: () => database.close(),
  };
}

function transaction<T>(database: DatabaseSync, begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => T): T {
  database.exec(begin);
  let made: Made = 'never';
  try {
    const result = work();
    made = 'unknown';
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw unavailable(error, made);
  }
}

const unusable = (why: string, made: Made = 'never', cause?: unknown): VendingError =>
  new VendingError('LEDGER_UNAVAILABLE', `The ledger's file ${why}`, { made, cause });

/** `errstr` is one of SQLite's own fixed texts (sqlite.org/c3ref/errcode.html); no value and no path is in it. */
function unavailable(error: unknown, made: Made): unknown {
  if (error instanceof VendingError || error instanceof TypeError) return error;
  const { errstr, code } = error as { errstr?: string; code?: string };
  if (errstr === undefined && code === undefined) return error;
  return unusable(`cannot be used (${errstr ?? code})`, made, error);
}

const isBusy = (error: unknown) => ((error as { errcode?: number }).errcode ?? 0) % 256 === 5; // SQLITE_BUSY and its kinds
