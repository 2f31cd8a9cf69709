// The secret store as a key's reader opens it: with the reader's own rights, and nothing else of keyvend around it.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { credentialsIn } from '../aws/signing.ts';
import { systemClock, wait } from '../clock.ts';
import { embeddedStore } from '../secrets/embedded/embedded-store.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import { awsStore } from '../secrets/secrets-manager/aws-store.ts';
import { createTransport } from '../transport/transport.ts';
import { secretsFile, secretsKeyFile } from './one-machine.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {TypeError} naming what is missing */
export async function readersStore(environment: Environment): Promise<SecretStore> {
  const clock = systemClock;
  if (environment.KEYVEND_PLATFORM !== 'aws') {
    const home = resolve(environment.KEYVEND_HOME ?? '.keyvend');
    if (!existsSync(secretsFile(home))) throw new TypeError('no store is there; set KEYVEND_HOME to its folder');
    const deployment = environment.KEYVEND_DEPLOYMENT ?? 'local';
    return embeddedStore({ path: secretsFile(home), deployment, key: { file: secretsKeyFile(home) }, clock });
  }
  const named = (name: string): string => environment[name] ?? missing(name);
  const credentials = credentialsIn({
    AWS_ACCESS_KEY_ID: named('AWS_ACCESS_KEY_ID'),
    AWS_SECRET_ACCESS_KEY: named('AWS_SECRET_ACCESS_KEY'),
    AWS_SESSION_TOKEN: environment.AWS_SESSION_TOKEN,
  });
  const endpoint = environment.AWS_ENDPOINT_URL_SECRETS_MANAGER;
  return awsStore({
    transport: createTransport({ clock }),
    clock,
    region: named('AWS_REGION'),
    wait,
    credentials: async () => credentials,
    deployment: named('KEYVEND_DEPLOYMENT'),
    ...(endpoint === undefined ? {} : { endpoint }),
  });
}

const missing = (name: string): never => {
  throw new TypeError(`${name} is not set`);
};
