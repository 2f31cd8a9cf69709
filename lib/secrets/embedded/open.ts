import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { awsOptions, awsVariables } from '../../aws/environment.ts';
import type { Clock } from '../../clock.ts';
import { checkedBy, type Environment, maybeOrigin } from '../../environment.ts';
import { VendingError } from '../../errors.ts';
import { Secret } from '../../secret.ts';
import type { SecretStore } from '../secret-store.ts';
import type { StoreConfiguration } from '../store-table.ts';
import type { KeySource } from './embedded-key.ts';
import { embeddedStore } from './embedded-store.ts';
import { kmsWrapping } from './kms-wrapping.ts';

export const secretsFile = (home: string): string => join(home, 'secrets.sqlite');
export const secretsKeyFile = (home: string): string => join(home, 'secrets.key');

/** A file under `KEYVEND_HOME`, sealed with a key in another one, by a passphrase, or by a key that AWS KMS unwraps. */
export const open = async (configuration: StoreConfiguration<'embedded'>, clock: Clock): Promise<SecretStore> => {
  const { KEYVEND_HOME: home, KEYVEND_DEPLOYMENT: deployment } = configuration;
  return embeddedStore({ path: secretsFile(home), deployment, key: keyOf(configuration, clock), clock });
};

function keyOf(configuration: StoreConfiguration<'embedded'>, clock: Clock): KeySource {
  const { KEYVEND_PASSPHRASE_FILE: passphrase, KEYVEND_SEAL_KMS_KEY: kms } = configuration;
  if (passphrase !== undefined) return { passphrase: passphraseIn(passphrase) };
  if (kms === undefined) return { file: secretsKeyFile(configuration.KEYVEND_HOME) };
  const given = checkedBy(z.object({ ...awsVariables(), AWS_ENDPOINT_URL_KMS: maybeOrigin() }), {
    ...configuration,
  } as Environment);
  const options = awsOptions(given, clock, 'kms');
  return { wrapping: kmsWrapping(options, kms, configuration.KEYVEND_DEPLOYMENT) };
}

function passphraseIn(file: string): Secret {
  try {
    return new Secret(readFileSync(file, 'utf8').replace(/\r?\n$/, ''));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new VendingError('STORE_UNAVAILABLE', `The file with the secret store's passphrase cannot be read (${code})`);
  }
}

/** @throws {TypeError} where there is no store: reading does not make one */
export async function openForReader(configuration: StoreConfiguration<'embedded'>, clock: Clock): Promise<SecretStore> {
  if (existsSync(secretsFile(configuration.KEYVEND_HOME))) return open(configuration, clock);
  throw new TypeError('there is no store here; set KEYVEND_HOME to its folder');
}
