import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { postgresLedger } from '../../lib/ledger/postgres/postgres-ledger.ts';
import { lackingPostgres, type PostgresServer, postgresServer } from '../doubles/postgres-server.ts';
import { testClock } from '../doubles/test-clock.ts';
import { ledgerContract } from './ledger-contract.ts';
import { type StartLedger, type TestLedger, type TestRecord, withLongRecords } from './ledger-harness.ts';

describe('the ledger in PostgreSQL', () => {
  if (lackingPostgres !== undefined) return it('keeps its contract', (context) => context.skip(lackingPostgres));

  let server: PostgresServer;
  let made = 0;
  const cleanUp: (() => unknown)[] = [];
  beforeAll(async () => {
    server = await postgresServer({ lines: ['fsync = off'] }); // no power is cut here; what is kept through a crash is looked at elsewhere
  });
  afterAll(() => server.remove());
  afterEach(async () => {
    for (const undo of cleanUp.splice(0).reverse()) await undo();
  });

  const start: StartLedger = async () => {
    const clock = testClock(Date.now()); // the server refuses what is late by its own
    made += 1;
    const schema = `ledger_${made}`;
    const open = async (): Promise<TestLedger> => {
      const options = { url: server.url, schema, mayLose: 'the last writes', clock } as const;
      const ledger = await postgresLedger<TestRecord, unknown>(options);
      cleanUp.push(() => ledger.close());
      return ledger;
    };
    return { ledger: await open(), other: await open(), clock };
  };
  ledgerContract(start);
  describe('with long records', () => ledgerContract(withLongRecords(start)));
});
