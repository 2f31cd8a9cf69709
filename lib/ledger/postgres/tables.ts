// The ledger's tables in PostgreSQL.
import type { Format, Tables } from '../../postgres/migrations.ts';

/** Text is ordered byte by byte, whatever the database's own order is. */
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

export const ledgerTables: Tables = {
  name: 'ledger',
  unavailable: 'LEDGER_UNAVAILABLE',
  formatsTable: 'formats',
  formats,
};
