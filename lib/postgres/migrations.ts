// Tables, format by format, forward only. A format may be read and written by the version before it, so that old and new processes
// work side by side; one that may not says from which version on it can.
import type pg from 'pg';
import { VendingError } from '../errors.ts';
import type { Keeper } from './connection.ts';

export interface Format {
  /** The first format whose version can work with this one. */
  readonly from: number;
  readonly statements: (schema: string) => readonly string[];
}

/** The tables of one keeper: they have formats of their own, whoever else has tables in the same schema. */
export interface Tables extends Keeper {
  /** The table in which it is written down which formats are there. */
  readonly formatsTable: string;
  /** The first is format 1. */
  readonly formats: readonly Format[];
}

/** Any number that no other program locks by. */
const LOCK = 0x6b76_6c67;

/** Brings the tables up to date, where they are not; whoever comes at the same time waits. @throws {VendingError} `unavailable` for a newer version's */
export async function migrate(client: pg.ClientBase, schema: string, tables: Tables): Promise<void> {
  const { formatsTable, formats } = tables;
  if ((await formatOf(client, schema, tables)) >= formats.length) return;
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    // By the rows that are committed: what this connection has heard of names before it waited may be old, and IF NOT EXISTS goes by that.
    const { rows } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
    if (rows.length === 0) await client.query(`CREATE SCHEMA ${schema}`);
    await client.query(`CREATE TABLE IF NOT EXISTS ${schema}.${formatsTable} (
      format integer PRIMARY KEY, "from" integer NOT NULL, at timestamptz NOT NULL DEFAULT now())`);
    const standing = await formatOf(client, schema, tables);
    for (const [i, { from, statements }] of formats.entries()) {
      if (i < standing) continue;
      for (const statement of statements(schema)) await client.query(statement);
      await client.query(`INSERT INTO ${schema}.${formatsTable} (format, "from") VALUES ($1, $2)`, [i + 1, from]);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** 0 where there is none yet. */
async function formatOf(client: pg.ClientBase, schema: string, tables: Tables): Promise<number> {
  const { name, unavailable, formatsTable, formats } = tables;
  const there = await client.query('SELECT to_regclass($1) IS NOT NULL AS "isThere"', [`${schema}.${formatsTable}`]);
  if (there.rows[0]?.isThere !== true) return 0;
  const { rows } = await client.query(
    `SELECT max(format) AS format, max("from") AS least FROM ${schema}.${formatsTable}`,
  );
  const { format, least } = rows[0] ?? {};
  if (Number(least) > formats.length)
    throw new VendingError(unavailable, `The ${name}'s tables are of a newer version`);
  return Number(format ?? 0);
}
