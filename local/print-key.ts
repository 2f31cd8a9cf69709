// `keyvend key`: reads a private key from the secret store itself, with the rights of the user who runs it.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Environment } from '../lib/environment.ts';
import { type Identity, identityKey } from '../lib/identity.ts';
import { readersPlace, readersStore } from '../lib/platforms/readers-store.ts';
import type { Secret } from '../lib/secret.ts';
import type { PrivateKeyForm } from '../lib/ssh/private-key-forms.ts';
import { fail } from './fail.ts';
import { configurationFile, isServer } from './run-here.ts';
import { serverEnvironment } from './server-configuration.ts';

export async function storedKey(identity: Identity): Promise<Secret> {
  const store = await readersStore(environmentOf());
  const key = await store.reveal(identity);
  await store.close();
  return key ?? fail('no key is stored under that name', 3);
}

/**
 * @param out a file that is not there yet; standard output where it is absent
 * @param form as it is stored where it is absent
 */
export async function printKey(
  identity: Identity,
  out: string | undefined,
  form: PrivateKeyForm | undefined,
): Promise<void> {
  const stored = await storedKey(identity);
  const key = form === undefined ? stored : await inForm(form, stored, identity);
  if (out === undefined) process.stdout.write(key.reveal());
  else await writeFile(resolve(out), key.reveal(), { mode: 0o600, flag: 'wx' });
}

async function inForm(form: PrivateKeyForm, stored: Secret, identity: Identity): Promise<Secret> {
  const { privateKeyAs } = await import('../lib/ssh/private-key-forms.ts');
  return (
    privateKeyAs(form, stored, commentOf(identity)) ??
    fail('only an RSA key has the form pem; for this one, use pkcs8 or openssh', 2)
  );
}

/** What an agent and PuTTY show of a key. */
const commentOf = (identity: Identity): string => `keyvend ${identityKey(identity)}`;

/** Into the agent that runs for whoever calls this. */
export async function lendKey(identity: Identity, lifetime: string): Promise<void> {
  const { lifetimeOf } = await import('./agent/lifetime.ts');
  const { addToAgent } = await import('./agent/add-to-agent.ts');
  const seconds = lifetimeOf(lifetime);
  const { SSH_AUTH_SOCK: socket = '' } = process.env;
  if (socket === '') return fail('no ssh-agent runs here: SSH_AUTH_SOCK is not set', 1);
  const comment = commentOf(identity);
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
