// A ledger may be shared, and a store in a folder is not: whoever settles what another one left would not find its key there, take it for
// lost and remove its pair. So a ledger belongs to the store that it was first used with.
import { existsSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod/mini';
import { checkedBy } from '../../lib/environment.ts';
import { secretsFile, secretsKeyFile } from '../../lib/secrets/embedded/open.ts';
import { kmsReading } from '../../lib/secrets/kms/configuration.ts';
import { kvReading } from '../../lib/secrets/kv/configuration.ts';
import { secretsManagerReading } from '../../lib/secrets/secrets-manager/configuration.ts';
import type { stores } from '../../lib/secrets/store-table.ts';
import { sha256Hex } from '../../lib/sha256.ts';
import { FOREVER_MS } from '../../lib/vending/deployment.ts';
import type { Ports } from '../../lib/vending/ports.ts';

/** @param home of an embedded store, which is there: a restored one has the key that it had @throws {TypeError} */
export async function assertOneStore({ ledger, clock }: Pick<Ports, 'ledger' | 'clock'>, home: string): Promise<void> {
  const place = places[process.env.KEYVEND_STORE as keyof typeof places];
  const store = sha256Hex(`the store of ${place(home)}`);
  if ((await ledger.remember('store', store, clock.wallMs(), FOREVER_MS)) === store) return;
  throw new TypeError(
    'the keys of this ledger are kept in another folder: set KEYVEND_HOME to that, or another KEYVEND_POSTGRES_SCHEMA',
  );
}

/** What no other store has: its key, or where that is in no file, what it knows its key by. */
function keyOf(home: string): string {
  if (existsSync(secretsKeyFile(home))) return readFileSync(secretsKeyFile(home)).toString('hex');
  const database = new DatabaseSync(secretsFile(home), { readOnly: true });
  try {
    return Buffer.from(database.prepare('SELECT sealed FROM key').get()!.sealed as Uint8Array).toString('hex');
  } finally {
    database.close();
  }
}

/** What tells a store from every other one of its kind. Without its address, which may change. */
const places: Readonly<Record<keyof typeof stores, (home: string) => string>> = {
  embedded: keyOf,
  kv: () => {
    const configured = checkedBy(z.object(kvReading()), process.env);
    const { KEYVEND_KV_NAMESPACE: namespace = '', KEYVEND_KV_MOUNT: mount, KEYVEND_KV_PREFIX: prefix } = configured;
    return JSON.stringify(['kv', namespace, mount, prefix]);
  },
  kms: () => JSON.stringify(['kms', checkedBy(z.object(kmsReading()), process.env).KEYVEND_ALIBABA_KMS_REGION]),
  'secrets-manager': () =>
    JSON.stringify(['secrets-manager', checkedBy(z.object(secretsManagerReading()), process.env).AWS_REGION]),
};
