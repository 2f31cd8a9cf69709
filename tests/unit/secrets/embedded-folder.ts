// A folder with an embedded store in it, for one test.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  type EmbeddedStore,
  type EmbeddedStoreOptions,
  embeddedStore,
} from '../../../lib/secrets/embedded/embedded-store.ts';
import { type TestClock, testClock } from '../../doubles/test-clock.ts';

/** scrypt's cost in tests: just enough to be scrypt. */
export const COST = 2 ** 4;

export interface Folder {
  readonly folder: string;
  readonly path: string;
  readonly keyFile: string;
  readonly clock: TestClock;
  open(over?: Partial<EmbeddedStoreOptions>): Promise<EmbeddedStore>;
  /** Changes the database behind the store's back. */
  tamper(sql: string, ...values: (string | number | Uint8Array)[]): void;
  /** Every byte of every file except the key file: the database, its log, whatever else is there. */
  bytes(): Buffer;
  cleanUp(): Promise<void>;
}

export function aFolder(): Folder {
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-embedded-'));
  const path = join(folder, 'store', 'secrets.db');
  const keyFile = join(folder, 'key', 'secrets.key');
  const clock = testClock();
  const opened: EmbeddedStore[] = [];
  return {
    folder,
    path,
    keyFile,
    clock,
    async open(over = {}) {
      const store = await embeddedStore({ path, key: { file: keyFile }, deployment: 'here', clock, ...over });
      opened.push(store);
      return store;
    },
    tamper(sql, ...values) {
      const database = new DatabaseSync(path);
      database.prepare(sql).run(...values);
      database.close();
    },
    bytes: () => {
      const store = join(folder, 'store');
      return Buffer.concat(readdirSync(store).map((name) => readFileSync(join(store, name))));
    },
    async cleanUp() {
      for (const store of opened) await store.close().catch(() => {}); // some tests have closed theirs
      rmSync(folder, { recursive: true });
    },
  };
}
