// The secret store as a key's reader opens it: with the reader's own rights, and nothing else of keyvend around it.
import { resolve } from 'node:path';
import * as z from 'zod/mini';
import { type Clock, systemClock } from '../clock.ts';
import { checkedBy, type Environment, filled, wrongVariables } from '../environment.ts';
import type { Identity } from '../identity.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import { stores } from '../secrets/store-table.ts';
import { platforms } from './platform-table.ts';

type OpenForReader = (configuration: object, clock: Clock) => Promise<SecretStore>;

/**
 * @param environment where it names no platform, and no store, those of `npm start` on this machine are meant
 * @throws {TypeError} naming what is missing
 */
export async function readersStore(environment: Environment): Promise<SecretStore> {
  const { KEYVEND_PLATFORM: platform = 'local' } = environment;
  if (!Object.hasOwn(platforms, platform)) throw wrongVariables(['KEYVEND_PLATFORM']);
  const name = environment.KEYVEND_STORE ?? platforms[platform as keyof typeof platforms].usual.store;
  if (!Object.hasOwn(stores, name)) throw wrongVariables(['KEYVEND_STORE']);
  const { reading } = stores[name as keyof typeof stores];
  const here = { KEYVEND_HOME: resolve(environment.KEYVEND_HOME ?? '.keyvend') };
  const local = platform === 'local' ? { KEYVEND_DEPLOYMENT: 'local' } : {};
  const schema = z.object({ KEYVEND_DEPLOYMENT: filled(), ...reading() });
  const { openForReader }: { openForReader: OpenForReader } = await import(`../secrets/${name}/open.ts`);
  return openForReader(checkedBy(schema, { ...local, ...environment, ...here }), systemClock);
}

type WhereIs = (configuration: object, identity: Identity) => string;

/**
 * Where a reader finds a key by the store's own means, in that store's own words. Nothing is read.
 * @param environment where it names no store, AWS Secrets Manager is meant: the others here have no such words
 * @throws {TypeError} for a store that nobody but keyvend can read
 */
export async function readersPlace(environment: Environment, identity: Identity): Promise<string> {
  const name = environment.KEYVEND_STORE ?? 'secrets-manager';
  if (!Object.hasOwn(stores, name)) throw wrongVariables(['KEYVEND_STORE']);
  const { whereIs }: { whereIs?: WhereIs } = await import(`../secrets/${name}/open.ts`);
  if (whereIs === undefined) throw new TypeError('this store is read by keyvend key alone');
  return whereIs(environment, identity);
}
