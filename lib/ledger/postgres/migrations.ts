// The ledger's tables, format by format, forward only. A format may be read and written by the version before it, so that old and new
// processes work side by side; one that may not says from which version on it can.
import type pg from 'pg';
import { VendingError } from '../../errors.ts';

interface Format {
  /** The first format whose version can work with this one. */
  readonly from: number;
  readonly statements: (schema: string) => readonly string[];
}

/** The first is format 1. Text is ordered byte by byte, whatever the database's own order is. */
const formats: readonly Format[] = [
  {
    from: 1,
    statements: (schema) => [
      `CREATE TABLE ${schema}.ledger (made uuid NOT NULL)`,
      `INSERT INTO ${schema}.ledger (made) VALUES (gen_random_uuid())`,
      `CREATE TABLE ${schema}.records (
        identity text COLLATE "C" PRIMARY KEY, listed text COLLATE "C" NOT NULL UNIQUE, state text COLLATE "C" NOT NULL,
        aside boolean NOT NULL, settle bigint, rotate bigint, announce bigint, revision bigint NOT NULL, writer text NOT NULL,
        record text NOT NULL)`,
      `CREATE INDEX records_by_state ON ${schema}.records (state, listed)`,
      `CREATE INDEX records_own ON ${schema}.records (listed) WHERE NOT aside`,
      `CREATE INDEX records_own_by_state ON ${schema}.records (state, listed) WHERE NOT aside`,
      ...['settle', 'rotate', 'announce'].map(
        (due) => `CREATE INDEX records_to_${due} ON ${schema}.records (${due}, identity) WHERE ${due} IS NOT NULL`,
      ),
      `CREATE TABLE ${schema}.attempts (
        identity text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, attempt text NOT NULL, until bigint, PRIMARY KEY (identity, id))`,
      `CREATE INDEX attempts_until ON ${schema}.attempts (until) WHERE until IS NOT NULL`,
      `CREATE TABLE ${schema}.remembered (key bytea PRIMARY KEY, value bytea NOT NULL, until bigint NOT NULL)`,
      `CREATE INDEX remembered_until ON ${schema}.remembered (until)`,
      `CREATE TABLE ${schema}.slots (slot text COLLATE "C" PRIMARY KEY, taken integer NOT NULL, until bigint NOT NULL)`,
      `CREATE INDEX slots_until ON ${schema}.slots (until)`,
      `CREATE TABLE ${schema}.groups (name text COLLATE "C" PRIMARY KEY, holders text[] NOT NULL)`,
    ],
  },
];

/** Any number that no other program locks by. */
const LOCK = 0x6b76_6c67;

/** Brings the tables up to date, where they are not; whoever comes at the same time waits. @throws {VendingError} LEDGER_UNAVAILABLE for a newer version's */
export async function migrate(client: pg.ClientBase, schema: string): Promise<void> {
  if ((await formatOf(client, schema)) >= formats.length) return;
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await client.query(`CREATE TABLE IF NOT EXISTS ${schema}.formats (
      format integer PRIMARY KEY, "from" integer NOT NULL, at timestamptz NOT NULL DEFAULT now())`);
    const standing = await formatOf(client, schema);
    for (const [i, { from, statements }] of formats.entries()) {
      if (i < standing) continue;
      for (const statement of statements(schema)) await client.query(statement);
      await client.query(`INSERT INTO ${schema}.formats (format, "from") VALUES ($1, $2)`, [i + 1, from]);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** 0 where there is none yet. */
async function formatOf(client: pg.ClientBase, schema: string): Promise<number> {
  const there = await client.query('SELECT to_regclass($1) IS NOT NULL AS "isThere"', [`${schema}.formats`]);
  if (there.rows[0]?.isThere !== true) return 0;
  const { rows } = await client.query(`SELECT max(format) AS format, max("from") AS least FROM ${schema}.formats`);
  const { format, least } = rows[0] ?? {};
  if (Number(least) > formats.length)
    throw new VendingError('LEDGER_UNAVAILABLE', "The ledger's tables are of a newer version");
  return Number(format ?? 0);
}
