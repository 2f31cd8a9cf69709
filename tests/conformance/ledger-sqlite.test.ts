import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe } from 'vitest';
import { sqliteLedger } from '../../lib/ledger/sqlite/sqlite-ledger.ts';
import { testClock } from '../doubles/test-clock.ts';
import { ledgerContract } from './ledger-contract.ts';
import { type StartLedger, type TestLedger, type TestRecord, withLongRecords } from './ledger-harness.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

describe('the ledger in SQLite', () => {
  const start: StartLedger = async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyvend-ledger-'));
    cleanUp.push(() => rmSync(folder, { recursive: true }));
    const clock = testClock();
    const open = async (): Promise<TestLedger> => {
      const ledger = await sqliteLedger<TestRecord, unknown>({ path: join(folder, 'ledger.db'), clock });
      cleanUp.push(() => ledger.close());
      return ledger;
    };
    return { ledger: await open(), other: await open(), clock };
  };
  ledgerContract(start);
  describe('with long records', () => ledgerContract(withLongRecords(start)));
});
