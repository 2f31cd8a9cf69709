// The ledger in PostgreSQL, in the tables of keyvend's: who asked for what, every attempt, and what came of it.
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.KEYVEND_POSTGRES_URL, max: 4 });
const keyOf = ({ provider, account, region, name }) => `${provider}/${account}/${region}/${name}`;

const tables = pool.query(`
  CREATE TABLE IF NOT EXISTS usual_records (identity text PRIMARY KEY, state text NOT NULL, revision bigint NOT NULL, record text NOT NULL);
  CREATE TABLE IF NOT EXISTS usual_attempts (identity text, id text, attempt text NOT NULL, PRIMARY KEY (identity, id))`);

export async function readRecord(identity) {
  await tables;
  const { rows } = await pool.query('SELECT record, revision FROM usual_records WHERE identity = $1', [
    keyOf(identity),
  ]);
  return rows[0] && { record: JSON.parse(rows[0].record), revision: Number(rows[0].revision) };
}

export const readUsageWarning = async () => undefined;

export async function writeRecord(record, expected) {
  const values = [keyOf(record.identity), record.state, JSON.stringify(record), expected];
  const { rowCount } = await pool.query(
    expected === 0
      ? 'INSERT INTO usual_records SELECT $1, $2, 1, $3 WHERE $4 = 0 ON CONFLICT DO NOTHING'
      : 'UPDATE usual_records SET state = $2, record = $3, revision = revision + 1 WHERE identity = $1 AND revision = $4',
    values,
  );
  if (rowCount !== 1) throw new Error('Somebody else was faster');
  return expected + 1;
}

export async function fileAttempt(identity, id, attempt) {
  await pool.query(
    'INSERT INTO usual_attempts VALUES ($1, $2, $3) ON CONFLICT (identity, id) DO UPDATE SET attempt = EXCLUDED.attempt',
    [keyOf(identity), id, JSON.stringify(attempt)],
  );
}

export const announce = async () => {};
