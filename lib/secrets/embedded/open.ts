import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { SecretStore } from '../secret-store.ts';
import type { StoreConfiguration } from '../store-table.ts';
import { embeddedStore } from './embedded-store.ts';

export const secretsFile = (home: string): string => join(home, 'secrets.sqlite');
export const secretsKeyFile = (home: string): string => join(home, 'secrets.key');

/** A file under `KEYVEND_HOME`, sealed with a key in another one. */
export const open = (
  { KEYVEND_HOME: home, KEYVEND_DEPLOYMENT: deployment }: StoreConfiguration<'embedded'>,
  clock: Clock,
): Promise<SecretStore> =>
  embeddedStore({ path: secretsFile(home), deployment, key: { file: secretsKeyFile(home) }, clock });

/** @throws {TypeError} where there is no store: reading does not make one */
export async function openForReader(configuration: StoreConfiguration<'embedded'>, clock: Clock): Promise<SecretStore> {
  if (existsSync(secretsFile(configuration.KEYVEND_HOME))) return open(configuration, clock);
  throw new TypeError('there is no store here; set KEYVEND_HOME to its folder');
}
