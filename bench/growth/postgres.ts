// A PostgreSQL ledger with a given number of key pairs in it, a meter on its client, and one in its server.
import pg from 'pg';
import { systemClock } from '../../lib/clock.ts';
import { attemptJson, entryOf } from '../../lib/ledger/entry.ts';
import { postgresLedger } from '../../lib/ledger/postgres/postgres-ledger.ts';
import type { Attempt } from '../../lib/vending/attempt.ts';
import type { KeyPairRecord } from '../../lib/vending/record.ts';
import { type PostgresServer, postgresPrograms, postgresServer } from '../../tests/doubles/postgres-server.ts';
import { type Cost, Meter } from './cost.ts';
import { type Filled, filed } from './operations.ts';

export interface PostgresHost {
  readonly server: PostgresServer;
  readonly client: pg.Client;
  stop(): Promise<void>;
}

/** With its statements counted, and nothing that cleans up while something is measured. @returns undefined where it is not installed */
export async function startPostgres(): Promise<PostgresHost | undefined> {
  if (postgresPrograms() === undefined) return undefined;
  const lines = [
    ...['shared_preload_libraries = pg_stat_statements', 'pg_stat_statements.track = all'],
    ...['autovacuum = off', 'max_wal_size = 8GB', 'checkpoint_timeout = 1d'],
  ];
  const server = await postgresServer({ lines });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query('CREATE EXTENSION pg_stat_statements');
  return {
    ...{ server, client },
    async stop() {
      await client.end();
      await server.remove();
    },
  };
}

export async function filledPostgres({ server, client }: PostgresHost, keys: number): Promise<Filled> {
  const schema = `ledger_${keys}`;
  const options = { url: server.url, schema, mayLose: 'nothing', clock: systemClock } as const;
  const meter = new ServerMeter(client, schema);
  const ledger = await postgresLedger<KeyPairRecord, Attempt>(options);
  await fill(client, schema, keys);
  return { keys, meter, ledger: meter.metered(ledger) };
}

/** What one statement takes when it is filled. */
const BATCH = 2_000;

async function fill(client: pg.Client, schema: string, keys: number): Promise<void> {
  const columns: [identity: string, listed: string, state: string, aside: boolean, ...dues: (number | null)[]][] = [];
  const [records, ids, attempts]: [string[], string[], string[]] = [[], [], []];
  const flush = async () => {
    const of = (index: number) => columns.map((row) => row[index]);
    const values = [...[0, 1, 2, 3, 4, 5, 6].map(of), records];
    await client.query(
      `INSERT INTO ${schema}.records (identity, listed, state, aside, settle, rotate, announce, revision, writer, record)
       SELECT i, l, s, a, se, ro, an, 1, 'filled', r FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::bigint[],
         $6::bigint[], $7::bigint[], $8::text[]) AS rows (i, l, s, a, se, ro, an, r)`,
      values,
    );
    await client.query(
      `INSERT INTO ${schema}.attempts (identity, id, attempt) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])`,
      [of(0), ids, attempts],
    );
    for (const list of [columns, records, ids, attempts]) list.splice(0);
  };
  await client.query('SET synchronous_commit = off');
  for await (const { record, id, attempt } of filed(keys)) {
    const { key, listed, state, aside, due, json } = entryOf(record);
    columns.push([key, listed, state, aside, due.settle ?? null, due.rotate ?? null, due.announce ?? null]);
    records.push(json);
    ids.push(id);
    attempts.push(attemptJson(attempt));
    if (columns.length >= BATCH) await flush();
  }
  await flush();
  await client.query(`VACUUM (ANALYZE) ${schema}.records, ${schema}.attempts`);
  await client.query('CHECKPOINT');
}

/** Rows are those of the answers, bytes those of values and answers as JSON; pages are what the statements looked at in the server. */
class ServerMeter extends Meter {
  readonly #client: pg.Client;
  readonly #schema: string;

  constructor(client: pg.Client, schema: string) {
    super();
    this.#client = client;
    this.#schema = schema;
  }

  override async of(work: () => Promise<unknown>): Promise<Cost> {
    const before = await this.#pages();
    const { query } = pg.Client.prototype;
    const meter = this as Meter;
    pg.Client.prototype.query = async function (this: pg.Client, ...given: unknown[]) {
      const result: pg.QueryResult = await Reflect.apply(query, this, given);
      const isWrite = result.fields[0]?.name === 'ok';
      if (isWrite) meter.written += result.rows[0]?.told === null ? 0 : 1;
      else meter.read += result.rows.length;
      meter.bytes += JSON.stringify([given[1], isWrite ? [] : result.rows]).length;
      return result;
    } as never;
    try {
      const cost = await super.of(work);
      pg.Client.prototype.query = query;
      return { ...cost, pages: (await this.#pages()) - before };
    } finally {
      pg.Client.prototype.query = query;
    }
  }

  async #pages(): Promise<number> {
    const { rows } = await this.#client.query(
      `SELECT coalesce(sum(shared_blks_hit + shared_blks_read), 0)::float8 AS pages FROM pg_stat_statements WHERE query LIKE $1`,
      [`%${this.#schema}.%`],
    );
    return rows[0].pages;
  }
}
