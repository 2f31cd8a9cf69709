import { describe } from 'vitest';
import { ledgerContract } from '../conformance/ledger-contract.ts';
import type { TestRecord } from '../conformance/ledger-harness.ts';
import { memoryLedger } from './memory-ledger.ts';
import { testClock } from './test-clock.ts';

describe('the ledger in memory', () => {
  ledgerContract(async () => {
    const clock = testClock();
    const ledger = memoryLedger<TestRecord, unknown>({ clock });
    return { ledger, other: ledger, clock };
  });
});
