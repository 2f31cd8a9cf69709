// What the suites of the ledger contract have in common: how a ledger is started, and what is put into it.
import type { Identity } from '../../lib/identity.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import type { TestClock } from '../doubles/test-clock.ts';

export interface TestRecord {
  readonly identity: Identity;
  readonly state: string;
  readonly aside?: boolean;
  readonly settleAtMs?: number;
  readonly rotateAtMs?: number;
  readonly announceAtMs?: number;
  readonly note?: unknown;
}
export type TestLedger = Ledger<TestRecord, unknown>;

export interface LedgerHarness {
  readonly ledger: TestLedger;
  /** Another one on the same data. */
  readonly other: TestLedger;
  readonly clock: TestClock;
}
/** Gives an empty ledger. */
export type StartLedger = () => Promise<LedgerHarness>;

const padding = 'user@host:22 '.repeat(9_000);

/** The same ledgers, with records that are too long to be kept as they are. */
export const withLongRecords =
  (start: StartLedger): StartLedger =>
  async () => {
    const { ledger, other, clock } = await start();
    const padded = (plain: TestLedger): TestLedger => {
      const without = ({ padding: _, ...record }: TestRecord & { readonly padding?: string }): TestRecord => record;
      return {
        ...plain,
        async read(identity) {
          const filed = await plain.read(identity);
          return filed && { ...filed, record: without(filed.record) };
        },
        write: (record, expected) => plain.write({ ...record, padding } as TestRecord, expected),
        async list(listing) {
          const page = await plain.list(listing);
          return { ...page, records: page.records.map(without) };
        },
      };
    };
    return { ledger: padded(ledger), other: padded(other), clock };
  };

export const web: Identity = { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'web' };
export const called = (name: string, over: Partial<Identity> = {}): Identity => ({ ...web, name, ...over });
export const active = (identity: Identity, over: Partial<TestRecord> = {}): TestRecord => ({
  identity,
  state: 'active',
  ...over,
});
export const namesOf = (identities: readonly Identity[]): string[] => identities.map(({ name }) => name);
/** 0 to count - 1. */
export const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Every call there is, with arguments that are right. */
export const everyCall = (ledger: TestLedger, nowMs: number) => ({
  reads: {
    read: () => ledger.read(web),
    list: () => ledger.list({ limit: 10 }),
    due: () => ledger.due('settle', nowMs, 10),
    attempts: () => ledger.attempts(web),
    recall: () => ledger.recall('key', nowMs),
    claimable: () => ledger.claimable('group', 'holder', 1),
  },
  writes: {
    write: () => ledger.write(active(web), 0),
    fileAttempt: () => ledger.fileAttempt(web, 'a', {}),
    remember: () => ledger.remember('key', 'value', nowMs, nowMs + 1),
    restate: () => ledger.restate('key', 'other', nowMs + 1),
    tryAcquire: () => ledger.tryAcquire('window', 1, nowMs + 1),
    claim: () => ledger.claim('group', 'holder', 1),
    unclaim: () => ledger.unclaim('group', 'holder'),
  },
});
