// The embedded store's key in a file of its own: 32 random bytes, for its owner's eyes only.
import { randomBytes, randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { VendingError } from '../../errors.ts';

const KEY_BYTES = 32;

/**
 * @param mayMake whether to make the file where there is none; if several processes do, all get the same key
 * @throws {VendingError} STORE_REFUSED when there is none, when anyone but its owner has any right to it, when it is another
 * user's, or when it is not 32 bytes long; STORE_UNAVAILABLE when it cannot be read
 */
export function keyFromFile(path: string, mayMake: boolean): Buffer {
  const where = resolve(path);
  try {
    return readKey(where) ?? (mayMake ? made(where) : undefined) ?? refuse('is missing');
  } catch (error) {
    if (error instanceof VendingError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new VendingError('STORE_UNAVAILABLE', `The secret store's key file cannot be used (${code})`);
  }
}

function readKey(path: string): Buffer | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { mode, uid, size } = fstatSync(file); // of what was opened, whatever the path leads to by now
    const user = process.geteuid?.(); // absent on Windows, where modes say nothing either
    if (user !== undefined && (mode & 0o077) !== 0) refuse('can be read by others; its mode must be 0600');
    if (user !== undefined && uid !== user) refuse("is another user's");
    if (size !== KEY_BYTES) refuse(`is not ${KEY_BYTES} bytes long`);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** Written whole under another name first, then linked: only one process makes the link, and whoever reads it reads all of it. */
function made(path: string): Buffer | undefined {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeFileSync(file, randomBytes(KEY_BYTES));
    fsyncSync(file);
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    closeSync(file);
    unlinkSync(draft);
  }
  flush(folder); // before anything is sealed with a key that a power cut could take away
  return readKey(path);
}

function flush(folder: string): void {
  const opened = openSync(folder, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

function refuse(why: string): never {
  throw new VendingError('STORE_REFUSED', `The secret store's key file ${why}`);
}
