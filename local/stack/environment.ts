// What the functions on this machine run with, in a file, so that commands beside them can run with the same. The access keys
// in it are those of the local clouds.
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'environment.json';
type Environment = Readonly<Record<string, string>>;

export const writeEnvironment = (home: string, environment: Environment): Promise<void> =>
  writePrivately(join(home, FILE), JSON.stringify(environment));

export const ISSUER = 'urn:keyvend:local';
export const AUDIENCE = 'keyvend';
/** Any address and port of this machine: an sshd of one's own has a free one. */
const LOOPBACK = '127.0.0.0/8,::1/128';

/** What `npm start` sets, whatever it starts. @param given what was set for it: some of that counts more */
export const usualEnvironment = (given: Readonly<Record<string, string | undefined>>): Environment => ({
  KEYVEND_PLATFORM: 'local',
  KEYVEND_LEDGER: given.KEYVEND_LEDGER ?? 'sqlite',
  KEYVEND_STORE: given.KEYVEND_STORE ?? 'embedded',
  KEYVEND_DEPLOYMENT: 'local',
  KEYVEND_ISSUER: ISSUER,
  KEYVEND_AUDIENCE: AUDIENCE,
  // Its hosts are on this machine, or wherever whoever starts it says; elsewhere than here, loopback is never a host.
  KEYVEND_HOST_NETWORKS: given.KEYVEND_HOST_NETWORKS ?? LOOPBACK,
  KEYVEND_HOST_PORTS: given.KEYVEND_HOST_PORTS ?? '1-65535',
  // Whoever tries it out does not want to wait a day for an overlap to end.
  KEYVEND_MIN_OVERLAP_DAYS: given.KEYVEND_MIN_OVERLAP_DAYS ?? '0',
});

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
