// What the functions on this machine run with, in a file, so that commands beside them can run with the same. The access keys
// in it are those of the local clouds.
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'environment.json';
type Environment = Readonly<Record<string, string>>;

export const writeEnvironment = (home: string, environment: Environment): Promise<void> =>
  writePrivately(join(home, FILE), JSON.stringify(environment));

/** @throws {TypeError} where nothing was ever started */
export function readEnvironment(home: string): Environment {
  try {
    return JSON.parse(readFileSync(join(home, FILE), 'utf8'));
  } catch {
    throw new TypeError('nothing is running here: start it with npm start, or set KEYVEND_HOME or KEYVEND_PLATFORM');
  }
}

/** Never half a file, and never one that others can read. */
export async function writePrivately(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, `${text}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
