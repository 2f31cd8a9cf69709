// Every statement on the ledger's tables, one for each method. Each commits by itself, names its tables in full and sets nothing, so that
// it also goes through a pool that hands out connections transaction by transaction. Source: postgresql.org/docs/15, INSERT, SELECT.

/**
 * A write carries the moment after which it must not take effect, by the server's own clock: nothing else ages a request that was
 * held up on its way. What is written is in `done`, and says so once more while it waits for a lock.
 * @param done inserts, updates or deletes where `live.ok`, and returns what is to be told
 * @param pruned deletes a few rows that have expired, none of them the one that is written
 */
const before = (done: string, { told = 'true', pruned }: { told?: string; pruned?: string } = {}): string => `
  WITH live AS MATERIALIZED (SELECT ${inTime('$1')} AS ok), ${pruned === undefined ? '' : `pruned AS (${pruned}), `}done AS (${done})
  SELECT (SELECT ok FROM live) AS ok, (SELECT ${told} FROM done LIMIT 1) AS told`;

const inTime = (at: string): string => `clock_timestamp() < to_timestamp(${at}::float8 / 1000)`;

/** With every write: the tables stay small and no write pays for many. What another write is at is left to it. */
const prune = (table: string, key: string, now: string, written: string): string => `
  DELETE FROM ${table} WHERE ${key} IN (
    SELECT ${key.replace(/[()]/g, '')} FROM ${table} WHERE until <= ${now} AND ${key} <> ${written}
    ORDER BY until LIMIT 10 FOR UPDATE SKIP LOCKED)`;

const due = (table: string, what: string): string =>
  `SELECT identity FROM ${table} WHERE ${what} <= $1 ORDER BY ${what}, identity LIMIT $2`;

/** @param schema checked by the configuration to be no more than a name */
export function statementsIn(schema: string) {
  const [records, attempts, remembered, slots, groups] = ['records', 'attempts', 'remembered', 'slots', 'groups'].map(
    (name) => `${schema}.${name}`,
  ) as [string, string, string, string, string];
  const list = (filter: string) =>
    `SELECT listed, record FROM ${records} WHERE ${filter}listed > $1 AND listed < $2 ORDER BY listed LIMIT $3`;
  return {
    home: `SELECT made, (SELECT system_identifier FROM pg_control_system())::text AS system, '${records}'::regclass::oid::text AS "table",
      CASE WHEN pg_is_in_recovery() THEN '' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END AS timeline FROM ${schema}.ledger`,
    read: `SELECT record, revision, writer FROM ${records} WHERE identity = $1`,
    insert: before(`
      INSERT INTO ${records} (identity, listed, state, aside, settle, rotate, announce, revision, writer, record)
      SELECT $2::text, $3::text, $4::text, $5::boolean, $6::bigint, $7::bigint, $8::bigint, 1, $9::text, $10::text FROM live WHERE ok
      ON CONFLICT DO NOTHING RETURNING 1`), // of either key: whichever another writer comes to first
    replace: before(`
      UPDATE ${records} SET state = $4, aside = $5, settle = $6, rotate = $7, announce = $8, revision = revision + 1, writer = $9,
        record = $10
      WHERE identity = $2 AND listed = $3 AND revision = $11 AND ${inTime('$1')} RETURNING 1`),
    list: list(''),
    listState: list('state = $4 AND '),
    listOwn: list('NOT aside AND '),
    listOwnState: list('NOT aside AND state = $4 AND '),
    settle: due(records, 'settle'),
    rotate: due(records, 'rotate'),
    announce: due(records, 'announce'),
    fileAttempt: before(
      `
      INSERT INTO ${attempts} (identity, id, attempt, until) SELECT $2::text, $3::text, $4::text, $5::bigint FROM live WHERE ok
      ON CONFLICT (identity, id) DO UPDATE SET attempt = excluded.attempt, until = excluded.until WHERE ${inTime('$1')} RETURNING 1`,
      { pruned: prune(attempts, '(identity, id)', '$6', '($2, $3)') },
    ),
    attempts: `SELECT id, attempt FROM ${attempts} WHERE identity = $1`,
    recall: `SELECT value FROM ${remembered} WHERE key = $1 AND until > $2`,
    // Always an update, so that it waits for whoever is at the same key, and sees what that one has left.
    remember: before(
      `
      INSERT INTO ${remembered} AS old (key, value, until) SELECT $2::bytea, $3::bytea, $4::bigint FROM live WHERE ok
      ON CONFLICT (key) DO UPDATE SET
        value = CASE WHEN old.until > $5 THEN old.value ELSE excluded.value END,
        until = CASE WHEN old.until > $5 THEN old.until ELSE excluded.until END
      RETURNING value`,
      { told: 'value', pruned: prune(remembered, 'key', '$5', '$2') },
    ),
    restate: before(`
      INSERT INTO ${remembered} (key, value, until) SELECT $2::bytea, $3::bytea, $4::bigint FROM live WHERE ok
      ON CONFLICT (key) DO UPDATE SET value = excluded.value, until = excluded.until WHERE ${inTime('$1')} RETURNING 1`),
    tryAcquire: before(
      `
      INSERT INTO ${slots} AS old (slot, taken, until) SELECT $2::text, 1, $3::bigint FROM live WHERE ok
      ON CONFLICT (slot) DO UPDATE SET taken = old.taken + 1 WHERE old.taken < $4 RETURNING 1`,
      { pruned: prune(slots, 'slot', '$5', '$2') },
    ),
    claim: before(`
      INSERT INTO ${groups} AS old (name, holders) SELECT $2::text, ARRAY[$3::text] FROM live WHERE ok
      ON CONFLICT (name) DO UPDATE SET holders = CASE WHEN $3 = ANY(old.holders) THEN old.holders ELSE old.holders || $3 END
      WHERE $3 = ANY(old.holders) OR cardinality(old.holders) < $4 RETURNING 1`),
    claimable: `SELECT 1 FROM ${groups} WHERE name = $1 AND NOT ($2 = ANY(holders) OR cardinality(holders) < $3)`,
    unclaim: before(
      `UPDATE ${groups} SET holders = array_remove(holders, $3) WHERE name = $2 AND $3 = ANY(holders) AND ${inTime('$1')} RETURNING 1`,
    ),
  } as const;
}
