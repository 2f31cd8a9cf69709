// A ledger may be shared, and a store in a folder is not: whoever settles what another one left would not find its key there, take it for
// lost and remove its pair. So a ledger belongs to the store that it was first used with.
import { readFileSync } from 'node:fs';
import { secretsKeyFile } from '../../lib/secrets/embedded/open.ts';
import { sha256Hex } from '../../lib/sha256.ts';
import { FOREVER_MS } from '../../lib/vending/deployment.ts';
import type { Ports } from '../../lib/vending/ports.ts';

/** @param home of the store, which is there: a restored one has the key that it had @throws {TypeError} */
export async function assertOneStore({ ledger, clock }: Pick<Ports, 'ledger' | 'clock'>, home: string): Promise<void> {
  const store = sha256Hex(`the store of ${readFileSync(secretsKeyFile(home)).toString('hex')}`);
  if ((await ledger.remember('store', store, clock.wallMs(), FOREVER_MS)) === store) return;
  throw new TypeError(
    'the keys of this ledger are kept in another folder: set KEYVEND_HOME to that, or another KEYVEND_POSTGRES_SCHEMA',
  );
}
