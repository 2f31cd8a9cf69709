import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Inbox } from '../../lib/inbox/inbox.ts';
import { postgresInbox } from '../../lib/inbox/postgres/postgres-inbox.ts';
import { statementsIn } from '../../lib/inbox/postgres/statements.ts';
import { postgresLedger } from '../../lib/ledger/postgres/postgres-ledger.ts';
import { lackingPostgres, type PostgresServer, postgresServer } from '../doubles/postgres-server.ts';
import { testClock } from '../doubles/test-clock.ts';
import { idsOf, inboxContract, MINUTE_MS, message, numbers, Q, type StartInbox, sender } from './inbox-contract.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

describe('the inbox in PostgreSQL', () => {
  if (lackingPostgres !== undefined) return it('keeps its contract', (context) => context.skip(lackingPostgres));

  let server: PostgresServer;
  let made = 0;
  beforeAll(async () => {
    server = await postgresServer({ lines: ['fsync = off'] }); // no power is cut here
  });
  afterAll(() => server.remove());

  const opened = async (schema: string): Promise<Inbox> => {
    const inbox = await postgresInbox({ url: server.url, schema, mayLose: 'the last writes', clock: testClock() });
    cleanUp.push(() => inbox.close());
    return inbox;
  };
  /** Somebody else at the same database. */
  const beside = async () => {
    const client = new pg.Client({ connectionString: server.url });
    client.on('error', () => {});
    await client.connect();
    cleanUp.push(() => client.end());
    return client;
  };
  const inSchema = async () => {
    made += 1;
    const schema = `inbox_${made}`;
    const open = () => opened(schema);
    const inbox = await open();
    // The server's own clock counts, so it is the rows that are made older.
    const advance = async (ms: number) => {
      const client = await beside();
      await client.query(
        `UPDATE ${schema}.inbox SET due = due - $1::bigint, filed = filed - $1::bigint, until = until - $1::bigint`,
        [ms],
      );
    };
    return { inbox, open, advance, nowMs: Date.now, schema };
  };
  inboxContract(inSchema satisfies StartInbox);

  it("goes by the server's clock, whatever a process's own says", async () => {
    const { inbox } = await inSchema();
    await inbox.file(Q, message('a')); // by processes whose clock stands in March
    expect(Math.abs((await inbox.read(Q, 'a'))!.filedAtMs - Date.now())).toBeLessThan(MINUTE_MS);
    expect(idsOf(await inbox.claim(Q, 1, MINUTE_MS))).toEqual(['a']);
  });

  it.each(['file', 'putBack'] as const)(
    'lets nothing into a group while another message is only just getting there, by %s',
    async (how) => {
      const { inbox, open, schema } = await inSchema();
      if (how === 'putBack') {
        await inbox.file(Q, message('first', { group: 'web' }));
        await inbox.bury((await inbox.claim(Q, 1, MINUTE_MS))[0]!, { code: 'NAME_TAKEN', reason: 'No.' });
      }
      const slow = await beside();
      await slow.query('BEGIN');
      const first = [Q, Buffer.from('first')];
      const filed = [Buffer.from('body'), JSON.stringify(sender), Buffer.from('web'), 0];
      await slow.query(statementsIn(schema)[how], how === 'file' ? [...first, ...filed] : first);
      const second = (await open()).file(Q, message('second', { group: 'web' }));
      const watching = await beside();
      for (let waits = false; !waits; ) {
        const { rows } = await watching.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'advisory'");
        waits = rows.length > 0;
        if (!waits && (await inbox.read(Q, 'second')) !== undefined) break;
      }
      expect(await inbox.claim(Q, 10, MINUTE_MS)).toEqual([]);
      await inbox.file(Q, message('else', { group: 'other' })); // groups do not wait for each other
      await slow.query('COMMIT');
      await second;
      expect(idsOf(await inbox.claim(Q, 10, MINUTE_MS)).sort()).toEqual(['else', 'first']);
    },
  );

  it('passes over what another claimant is just about to take, and waits for nobody', async () => {
    const { inbox, schema } = await inSchema();
    for (const id of ['a', 'b', 'c']) await inbox.file(Q, message(id));
    const slow = await beside();
    await slow.query('BEGIN');
    const { rows } = await slow.query(statementsIn(schema).claim, [Q, 2, MINUTE_MS]);
    expect(rows).toHaveLength(2);
    expect(idsOf(await inbox.claim(Q, 10, MINUTE_MS))).toEqual(['c']);
    await slow.query('ROLLBACK'); // it died
    expect(idsOf(await inbox.claim(Q, 10, MINUTE_MS))).toEqual(['a', 'b']);
  });

  it('makes its table once, however many begin at the same time, beside a ledger in the same schema that knows nothing of it', async () => {
    const client = await beside();
    const place = {
      url: server.url,
      schema: 'shared',
      mayLose: 'the last writes',
      clock: testClock(Date.now()),
    } as const;
    const ledger = () => postgresLedger(place);
    const all = await Promise.all(numbers(8).map((i) => (i % 2 === 0 ? opened('shared') : ledger())));
    cleanUp.push(...all.map((one) => () => one.close()));
    const formats = async (table: string) =>
      (await client.query(`SELECT count(*)::int AS n FROM shared.${table}`)).rows[0].n;
    expect([await formats('formats'), await formats('inbox_formats')]).toEqual([1, 1]);
    await client.query('INSERT INTO shared.inbox_formats (format, "from") VALUES (99, 1)');
    await (await opened('shared')).counts(); // this version can work with it
    await client.query('INSERT INTO shared.inbox_formats (format, "from") VALUES (100, 100)');
    await expect(opened('shared')).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
      message: expect.stringMatching(/inbox's tables.*newer version/),
    });
    await (await ledger()).close();
  });

  it('finds what it wants by an index, however many messages are done', async () => {
    const { inbox, schema } = await inSchema();
    await inbox.file(Q, message('a'));
    const client = await beside();
    await client.query(`INSERT INTO ${schema}.inbox (queue, id, body, sender, state, due, filed, tries, until)
      SELECT '${Q}', convert_to('old ' || n, 'UTF8'), 'x', '{"id":"x"}', 'done', n, n, 1, 9e15 FROM generate_series(1, 20000) n`);
    await client.query(`ANALYZE ${schema}.inbox`);
    const sql = statementsIn(schema);
    const asked: [keyof typeof sql, unknown[]][] = [
      ['claim', [Q, 10, 1_000]],
      ['done', [Q, Buffer.from('a'), 'x', 1_000]],
      ['file', [Q, Buffer.from('b'), Buffer.from('b'), '{}', null, 0]],
      ['list', [0, 10]],
      ['listQueue', [0, 10, Q]],
      ['listState', [0, 10, 'buried']],
      ['listQueueState', [0, 10, Q, 'in-hand']],
      ['read', [Q, Buffer.from('a')]],
      ['counts', []],
    ];
    for (const [name, values] of asked) {
      const { rows } = await client.query(`EXPLAIN ${sql[name]}`, values);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan, name).not.toMatch(/Seq Scan on (inbox|one|first|m)\b/);
    }
  });
});

describe('an inbox whose PostgreSQL is killed', { timeout: 120_000 }, () => {
  if (lackingPostgres !== undefined)
    return it('loses nothing that it said is filed or done', (context) => context.skip(lackingPostgres));

  it('loses nothing that it said is filed or done, and says of the rest that it may have been', async () => {
    const server = await postgresServer();
    cleanUp.push(() => server.remove());
    const open = async () => {
      const inbox = await postgresInbox({
        url: server.url,
        schema: 'keyvend',
        mayLose: 'nothing',
        clock: testClock(Date.now()),
      });
      cleanUp.push(() => inbox.close());
      return inbox;
    };
    const many = [await open(), await open(), await open()];
    const [filed, done, failures] = [new Set<string>(), new Set<string>(), [] as unknown[]];
    let stopped = false;
    const failed = (error: unknown) => {
      stopped = true;
      failures.push(error);
    };
    const filer = async (nth: number) => {
      for (let i = 0; !stopped; i += 1) {
        const id = `${nth} ${i}`;
        await many[nth % 3]!.file(Q, message(id, { group: `${i % 5}` })).then(() => filed.add(id), failed);
      }
    };
    const claimant = async (nth: number) => {
      while (!stopped) {
        const claimed = await many[nth % 3]!.claim(Q, 3, 60 * MINUTE_MS).catch(failed);
        for (const one of claimed ?? []) await many[nth % 3]!.done(one).then((was) => was && done.add(one.id), failed);
        if (done.size > 100 && nth === 0) await server.stop('SIGKILL');
      }
    };
    await Promise.all([...numbers(4).map(filer), ...numbers(4).map(claimant)]);
    for (const error of failures) expect(error).toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    await expect(many[0]!.claim(Q, 1, MINUTE_MS)).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE', effect: 'none' });
    await server.start();
    for (const id of done) expect((await many[1]!.read(Q, id))?.state).toBe('done');
    for (const id of filed) expect(await many[2]!.file(Q, message(id))).toBe(false);
  });
});
