import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe } from 'vitest';
import { embeddedStore } from '../../lib/secrets/embedded/embedded-store.ts';
import { testClock } from '../doubles/test-clock.ts';
import type { StartStore } from './secret-harness.ts';
import { cursorPromises } from './secret-list.ts';
import { secretStoreContract } from './secret-store-contract.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

describe('the embedded secret store', () => {
  const start: StartStore = async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyvend-secrets-'));
    cleanUp.push(() => rmSync(folder, { recursive: true }));
    const clock = testClock();
    const path = join(folder, 'store', 'secrets.db');
    const open = async (deployment: string) => {
      const store = await embeddedStore({ path, key: { file: join(folder, 'secrets.key') }, deployment, clock });
      cleanUp.push(() => store.close());
      return store;
    };
    const [store, other, stranger] = await Promise.all([open('here'), open('here'), open('there')]);
    return { store, other, stranger, down: async () => rmSync(path) };
  };
  secretStoreContract(start, { canBeDown: true });
  cursorPromises(start);
});
