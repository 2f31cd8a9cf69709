// Ledger and inbox through a pooler that hands out connections transaction by transaction, as managed databases have one: their contracts.
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { postgresInbox } from '../../lib/inbox/postgres/postgres-inbox.ts';
import { postgresLedger } from '../../lib/ledger/postgres/postgres-ledger.ts';
import { type Pooler, pgbouncer, poolerProgram } from '../doubles/pgbouncer.ts';
import { type PostgresServer, postgresPrograms, postgresServer } from '../doubles/postgres-server.ts';
import { testClock } from '../doubles/test-clock.ts';
import { ledgerContract } from './ledger-contract.ts';
import type { StartLedger, TestLedger, TestRecord } from './ledger-harness.ts';

const lacking = [
  ...(postgresPrograms() === undefined ? ['PostgreSQL'] : []),
  ...(poolerProgram() === undefined ? ['PgBouncer'] : []),
].join(' and ');

describe('through PgBouncer, with fewer connections than there are clients', () => {
  if (lacking !== '')
    return it('a ledger keeps its contract', (context) => context.skip(`${lacking} is not installed`));

  let server: PostgresServer;
  let pooler: Pooler;
  let made = 0;
  const cleanUp: (() => unknown)[] = [];
  beforeAll(async () => {
    server = await postgresServer({ lines: ['fsync = off'] });
    pooler = await pgbouncer(server, 2);
  });
  afterAll(async () => {
    await pooler.stop();
    await server.remove();
  });
  afterEach(async () => {
    for (const undo of cleanUp.splice(0).reverse()) await undo();
  });
  const place = () => {
    made += 1;
    return {
      url: pooler.url,
      schema: `pooled_${made}`,
      mayLose: 'the last writes',
      clock: testClock(Date.now()),
    } as const;
  };

  describe('a ledger', () => {
    const start: StartLedger = async () => {
      const options = place();
      const open = async (): Promise<TestLedger> => {
        const ledger = await postgresLedger<TestRecord, unknown>(options);
        cleanUp.push(() => ledger.close());
        return ledger;
      };
      return { ledger: await open(), other: await open(), clock: options.clock };
    };
    ledgerContract(start);
  });

  it('servers that begin together on an empty database make its tables once', async ({ expect }) => {
    for (let times = 0; times < 15; times += 1) {
      const options = place();
      const opened = await Promise.all(Array.from({ length: 8 }, () => postgresInbox(options)));
      expect(opened).toHaveLength(8);
      await Promise.all(opened.map((inbox) => inbox.close()));
    }
  });

  it('an inbox hands each message to one of many', async ({ expect }) => {
    const options = place();
    const inboxes = await Promise.all(Array.from({ length: 4 }, () => postgresInbox(options)));
    cleanUp.push(() => Promise.all(inboxes.map((inbox) => inbox.close())));
    const ids = Array.from({ length: 100 }, (_, i) => `m${i}`);
    const sender = { kind: 'queue', id: 'queue a', queue: 'a', sender: 'a' } as const;
    await Promise.all(ids.map((id, i) => inboxes[i % 4]!.file('q', { id, body: '{}', sender, group: `g${i % 10}` })));
    const done: string[] = [];
    const work = async (inbox: (typeof inboxes)[0]) => {
      while (done.length < ids.length)
        for (const claimed of await inbox.claim('q', 5, 60_000)) if (await inbox.done(claimed)) done.push(claimed.id);
    };
    await Promise.all(inboxes.map(work));
    expect(done.sort()).toEqual(ids.sort());
  });
});
