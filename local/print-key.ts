// `keyvend key`: reads a private key from the secret store itself, with the rights of the user who runs it.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Environment } from '../lib/environment.ts';
import { type Identity, identityKey } from '../lib/identity.ts';
import { readersPlace, readersStore } from '../lib/platforms/readers-store.ts';
import type { Secret } from '../lib/secret.ts';
import { fail } from './fail.ts';
import { configurationFile, isServer } from './run-here.ts';
import { serverEnvironment } from './server-configuration.ts';

export async function storedKey(identity: Identity): Promise<Secret> {
  const store = await readersStore(environmentOf());
  const key = await store.reveal(identity);
  await store.close();
  return key ?? fail('no key is stored under that name', 3);
}

/** @param out a file that is not there yet; standard output where it is absent */
export async function printKey(identity: Identity, out: string | undefined): Promise<void> {
  const key = await storedKey(identity);
  if (out === undefined) process.stdout.write(key.reveal());
  else await writeFile(resolve(out), key.reveal(), { mode: 0o600, flag: 'wx' });
}

/** Into the agent that runs for whoever calls this. */
export async function lendKey(identity: Identity, lifetime: string): Promise<void> {
  const { lifetimeOf } = await import('./agent/lifetime.ts');
  const { addToAgent } = await import('./agent/add-to-agent.ts');
  const seconds = lifetimeOf(lifetime);
  const { SSH_AUTH_SOCK: socket = '' } = process.env;
  if (socket === '') return fail('no ssh-agent runs here: SSH_AUTH_SOCK is not set', 1);
  const comment = `keyvend ${identityKey(identity)}`;
  await addToAgent(socket, await storedKey(identity), comment, seconds);
  process.stdout.write(`the agent has "${comment}" for ${lifetime}\n`);
}

/** A server's own configuration says where its keys are, for whoever may read them there. */
const environmentOf = (): Environment =>
  isServer() ? serverEnvironment(configurationFile(), process.env) : process.env;

/** For a policy, or for the programs of whoever keeps the keys. Nothing is read. */
export const printWhere = async (identity: Identity): Promise<void> =>
  void process.stdout.write(`${await readersPlace(environmentOf(), identity)}
`);
