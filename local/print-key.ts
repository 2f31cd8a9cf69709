// `keyvend key`: reads a private key from the secret store itself, with the rights of the user who runs it.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Environment } from '../lib/environment.ts';
import type { Identity } from '../lib/identity.ts';
import { readersPlace, readersStore } from '../lib/platforms/readers-store.ts';
import { fail } from './fail.ts';
import { configurationFile, isServer } from './run-here.ts';
import { serverEnvironment } from './server-configuration.ts';

/** @param out a file that is not there yet; standard output where it is absent */
export async function printKey(identity: Identity, out: string | undefined): Promise<void> {
  const store = await readersStore(environmentOf());
  const key = await store.reveal(identity);
  await store.close();
  if (key === undefined) return fail('no key is stored under that name', 3);
  if (out === undefined) process.stdout.write(key.reveal());
  else await writeFile(resolve(out), key.reveal(), { mode: 0o600, flag: 'wx' });
}

/** A server's own configuration says where its keys are, for whoever may read them there. */
const environmentOf = (): Environment =>
  isServer() ? serverEnvironment(configurationFile(), process.env) : process.env;

/** For a policy, or for the programs of whoever keeps the keys. Nothing is read. */
export const printWhere = async (identity: Identity): Promise<void> =>
  void process.stdout.write(`${await readersPlace(environmentOf(), identity)}
`);
