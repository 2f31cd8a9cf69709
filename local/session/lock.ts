// One process at a time: a refresh token that is used twice is taken for stolen, and the issuer ends the whole session.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { stateFolder } from './state.ts';

const LONGEST_WAIT_MS = 30_000;

/** By a lock of SQLite's on a file, which the system lets go when its holder ends, however it ends. */
export async function alone<T>(act: () => Promise<T>): Promise<T> {
  const folder = stateFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(join(folder, 'lock.sqlite'));
  try {
    lock.exec(`PRAGMA busy_timeout = ${LONGEST_WAIT_MS}; BEGIN EXCLUSIVE`);
    return await act();
  } finally {
    lock.close();
  }
}
