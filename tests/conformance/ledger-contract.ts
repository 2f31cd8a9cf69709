// What every ledger owes to those who write down what they are about to do. Run by each ledger against the real thing
// or its nearest stand-in; two ledgers on the same data stand for two processes.
import { attemptPromises } from './ledger-attempts.ts';
import { duePromises } from './ledger-due.ts';
import type { StartLedger } from './ledger-harness.ts';
import { homePromises } from './ledger-home.ts';
import { listPromises } from './ledger-list.ts';
import { permitPromises } from './ledger-permits.ts';
import { recordPromises } from './ledger-records.ts';
import { rememberPromises } from './ledger-remember.ts';

/** @param forgets `elsewhere` where the service itself deletes what has expired, in its own time */
export function ledgerContract(start: StartLedger, forgets: 'here' | 'elsewhere' = 'here'): void {
  recordPromises(start);
  listPromises(start);
  duePromises(start);
  attemptPromises(start, forgets);
  rememberPromises(start);
  permitPromises(start);
  homePromises(start);
}
