// One SQLite file that several processes use at once: opened, made where there is none, and refused where it is not ours.
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { type Effect, type FailureCode, VendingError } from '../errors.ts';

/** What a file holds, and how its failures are reported. */
export interface FileKind {
  /** As in "The secret store's file ...". */
  readonly name: string;
  /** In the file's header, so that `file` and we can tell it from any other database: four ASCII characters as a number. */
  readonly application: number;
  /** The tables of the first format. */
  readonly schema: string;
  /** What each later format adds to the one before it; a file of an earlier one is brought up to date when it is opened. */
  readonly changes?: readonly string[];
  /** For a failure that may pass, and for one that does not: a file that is damaged, of another kind, or a newer version's. */
  readonly codes: { readonly unavailable: FailureCode; readonly refused: FailureCode };
}

/** Formats are counted from 1. */
const formatOf = ({ changes = [] }: FileKind): number => 1 + changes.length;

export interface SqliteFile {
  readonly database: DatabaseSync;
  /**
   * All of `work` sees one state of the file. Checks first that the path still leads to the opened file: an unlinked one takes
   * writes, and they are lost.
   */
  read<T>(work: () => T): T;
  /** One transaction with the write lock from its start: it waits for others there, and never fails because of them later. */
  write<T>(work: () => T): T;
  close(): void;
}

/**
 * @param busyMs how long to wait for another process's transaction
 * @throws {VendingError} `codes.unavailable` when the file cannot be opened, `codes.refused` when it is not this kind of file;
 * the file is left as it is
 */
export async function openSqliteFile(path: string, kind: FileKind, busyMs: number): Promise<SqliteFile> {
  const where = resolve(path);
  let database: DatabaseSync | undefined;
  try {
    makePrivate(where);
    database = new DatabaseSync(where, { timeout: busyMs });
    expectKind(database, kind, 'or an earlier format');
    await useWriteAheadLog(database, busyMs);
    // FULL: what is acknowledged survives a power cut. secure_delete: what is purged is overwritten (sqlite.org/pragma.html).
    database.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF');
    makeTables(database, kind);
    return guarded(database, where, kind);
  } catch (error) {
    database?.close();
    throw failure(error, 'none', kind);
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

/** One statement, so that all of it is read at one moment: another process may be making the tables just now. */
function expectKind(database: DatabaseSync, kind: FileKind, orEarlier?: 'or an earlier format'): void {
  const sql = `
    SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) AS objects
    FROM pragma_application_id, pragma_user_version`;
  const { application_id: application, user_version: version, objects } = database.prepare(sql).get() ?? {};
  if (orEarlier && application === 0 && version === 0 && objects === 0) return;
  if (application !== kind.application) throw refused(`is not a ${kind.name}`, kind);
  const format = formatOf(kind);
  if (version === format || (orEarlier && Number(version) >= 1 && Number(version) < format)) return;
  throw refused(`has format ${version}, this is for format ${format}`, kind);
}

/** Changing the mode needs the file exclusively for a moment, and where two processes want that, SQLite does not wait. */
async function useWriteAheadLog(database: DatabaseSync, busyMs: number): Promise<void> {
  for (let left = busyMs; ; left -= 10) {
    try {
      return database.exec('PRAGMA journal_mode = WAL');
    } catch (error) {
      if (left <= 0 || kindOf(error) !== BUSY) throw error;
      await wait(10);
    }
  }
}

function makeTables(database: DatabaseSync, kind: FileKind): void {
  transaction(database, kind, () => {
    if (database.prepare('PRAGMA application_id').get()?.application_id === 0) {
      database.exec(`${kind.schema}; PRAGMA application_id = ${kind.application}; PRAGMA user_version = 1`);
    }
    const from = Number(database.prepare('PRAGMA user_version').get()?.user_version);
    const [later, format] = [kind.changes?.slice(from - 1) ?? [], formatOf(kind)];
    if (later.length > 0) database.exec(`${later.join(';')}; PRAGMA user_version = ${format}`);
    expectKind(database, kind); // another process may have been faster, and of another version
  });
}

function guarded(database: DatabaseSync, path: string, kind: FileKind): SqliteFile {
  const opened = statSync(path);
  const expectFile = (effect: Effect) => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.ino === opened.ino && found.dev === opened.dev) return;
    throw told(kind.codes.unavailable, 'was removed or replaced', kind, effect);
  };
  const coded = <T>(work: () => T): T => {
    try {
      expectFile('none');
      return work();
    } catch (error) {
      throw failure(error, 'none', kind);
    }
  };
  return {
    database,
    read: (work) => coded(() => transaction(database, kind, work, 'BEGIN')),
    write: (work) =>
      coded(() => {
        const result = transaction(database, kind, work);
        expectFile('unknown');
        return result;
      }),
    close: () => database.close(),
  };
}

function transaction<T>(
  database: DatabaseSync,
  kind: FileKind,
  work: () => T,
  begin: 'BEGIN' | 'BEGIN IMMEDIATE' = 'BEGIN IMMEDIATE',
): T {
  database.exec(begin);
  let effect: Effect = 'none';
  try {
    const result = work();
    if (begin === 'BEGIN IMMEDIATE') effect = 'unknown';
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw failure(error, effect, kind);
  }
}

const told = (code: FailureCode, why: string, { name }: FileKind, effect: Effect = 'none'): VendingError =>
  new VendingError(code, `The ${name}'s file ${why}`, { effect });
const refused = (why: string, kind: FileKind) => told(kind.codes.refused, why, kind);

const BUSY = 5;
/** SQLITE_PERM, READONLY, CORRUPT, NOTADB: those do not pass (sqlite.org/rescode.html). */
const lasting = new Set([3, 8, 11, 26]);
const kindOf = (error: unknown): number => ((error as { errcode?: number }).errcode ?? 0) % 256;

/** `errstr` is one of SQLite's own fixed texts (sqlite.org/c3ref/errcode.html); no value and no path is in it. No cause: its message may hold a path. */
function failure(error: unknown, effect: Effect, kind: FileKind): unknown {
  if (error instanceof VendingError || error instanceof TypeError) return error;
  const { errstr, code } = error as { errstr?: string; code?: string };
  if (errstr === undefined && code === undefined) return error;
  const what = `cannot be used (${errstr ?? code})`;
  if (effect === 'none' && lasting.has(kindOf(error))) return refused(what, kind);
  return told(kind.codes.unavailable, what, kind, effect);
}
