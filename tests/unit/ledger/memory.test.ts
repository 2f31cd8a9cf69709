import { describe } from 'vitest';
import { memoryLedger } from '../../../lib/ledger/memory.ts';
import { ledgerContract, type TestRecord } from '../../conformance/ledger-contract.ts';
import { testClock } from '../../test-clock.ts';

describe('the ledger in memory', () => {
  ledgerContract(async () => {
    const clock = testClock();
    const ledger = memoryLedger<TestRecord, unknown>({ clock });
    return { ledger, other: ledger, clock };
  });
});
