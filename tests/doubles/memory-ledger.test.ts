import { describe } from 'vitest';
import { ledgerContract } from '../conformance/ledger-contract.ts';
import { type StartLedger, type TestRecord, withLongRecords } from '../conformance/ledger-harness.ts';
import { memoryLedger } from './memory-ledger.ts';
import { testClock } from './test-clock.ts';

describe('the ledger in memory', () => {
  const start: StartLedger = async () => {
    const clock = testClock();
    const ledger = memoryLedger<TestRecord, unknown>({ clock });
    return { ledger, other: ledger, clock };
  };
  ledgerContract(start);
  describe('with long records', () => ledgerContract(withLongRecords(start)));
});
