// Every statement on the inbox's table, one for each method. Each commits by itself, names its table in full and sets nothing, so that it
// also goes through a pool that hands out connections transaction by transaction. The server's own clock counts, for leases and for when
// a message is due. Source: postgresql.org/docs/15, SELECT (The Locking Clause), Explicit Locking, Transaction Isolation.

const NOW = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/** With every write that ends a message or begins one: the table stays small and no write pays for many. What another one deletes is left to it. */
const prune = (inbox: string, written: string): string => `
  DELETE FROM ${inbox} WHERE (queue, id) IN (
    SELECT queue, id FROM ${inbox} WHERE until <= (SELECT ms FROM now) AND (queue, id) <> ${written}
    ORDER BY until LIMIT 10 FOR UPDATE SKIP LOCKED)`;

/** As people are told it. */
const STATE = `CASE WHEN state <> 'open' THEN state WHEN receipt IS NOT NULL AND due > ${NOW} THEN 'in-hand' ELSE 'waiting' END`;
const SHOWN = `queue, id, seq, ${STATE} AS state, tries, filed, due, sender, refusal`;
/** What is in which state, so that an index finds it. */
const inState = (state: string): string => `
  AND state = CASE WHEN ${state}::text IN ('waiting', 'in-hand') THEN 'open' ELSE ${state}::text END AND ${STATE} = ${state}::text`;

/**
 * Whoever files into a group holds it to the end of the statement, so that the order of its messages is that in which they can be seen:
 * else one could be handed out while an earlier one is only just being written. Groups that share a number wait for each other.
 */
const held = (group: string): string =>
  `pg_advisory_xact_lock(hashtextextended($1::text || ' ' || encode(${group}, 'hex'), 0))`;

/** @param schema checked by the configuration to be no more than a name */
export function statementsIn(schema: string) {
  const inbox = `${schema}.inbox`;
  const now = `now AS MATERIALIZED (SELECT ${NOW} AS ms)`;
  /** A claim is ended by whoever has it. Nothing has a receipt but what somebody had in hand last, and did nothing with. */
  const ended = (change: string, also = '') => `
    WITH ${now}${also}
    UPDATE ${inbox} SET ${change} WHERE queue = $1 AND id = $2 AND receipt = $3 RETURNING 1`;
  const list = (filter: string) => `SELECT ${SHOWN} FROM ${inbox} WHERE seq > $1 ${filter} ORDER BY seq LIMIT $2`;
  return {
    // What is done for more than a week and was not deleted yet is as good as gone.
    file: `
      WITH in_turn AS MATERIALIZED (SELECT ${held('$5::bytea')} WHERE $5::bytea IS NOT NULL), ${now},
        pruned AS (${prune(inbox, '($1, $2)')})
      INSERT INTO ${inbox} AS old (queue, id, body, sender, "group", state, due, filed, tries)
      SELECT $1::text, $2::bytea, $3::bytea, $4::text, $5::bytea, 'open', now.ms + $6::bigint, now.ms, 0
      FROM now WHERE (SELECT count(*) FROM in_turn) >= 0
      ON CONFLICT (queue, id) DO UPDATE SET seq = excluded.seq, body = excluded.body, sender = excluded.sender, "group" = excluded."group",
        state = 'open', due = excluded.due, filed = excluded.filed, tries = 0, receipt = NULL, refusal = NULL, until = NULL
      WHERE old.until <= excluded.filed
      RETURNING 1`,
    // What others lock is passed over. One that was claimed meanwhile is looked at again when its row is locked, and is not due any more.
    claim: `
      WITH ${now}, due AS MATERIALIZED (
        SELECT one.queue, one.id, one.due, one.seq FROM ${inbox} one CROSS JOIN now
        WHERE one.queue = $1 AND one.state = 'open' AND one.due <= now.ms AND (one."group" IS NULL OR one.seq = (
          SELECT first.seq FROM ${inbox} first WHERE first.queue = one.queue AND first."group" = one."group" AND first.state = 'open'
            AND first."group" IS NOT NULL ORDER BY first.seq LIMIT 1))
        ORDER BY one.due, one.seq LIMIT $2 FOR UPDATE OF one SKIP LOCKED)
      UPDATE ${inbox} m SET due = (SELECT ms FROM now) + $3::bigint, tries = m.tries + 1, receipt = gen_random_uuid()::text
      FROM due WHERE m.queue = due.queue AND m.id = due.id
      RETURNING m.queue, m.id, m.body, m.sender, m."group", m.receipt, m.tries, m.filed, due.due AS due, m.seq`,
    done: ended(
      `state = 'done', receipt = NULL, until = (SELECT ms FROM now) + $4::bigint`,
      `, pruned AS (${prune(inbox, '($1, $2)')})`,
    ),
    postpone: ended('receipt = NULL, due = (SELECT ms FROM now) + $4::bigint'),
    bury: ended(`state = 'buried', receipt = NULL, refusal = $4`),
    putBack: `
      WITH buried AS MATERIALIZED (SELECT "group" FROM ${inbox} WHERE queue = $1 AND id = $2 AND state = 'buried'),
        in_turn AS MATERIALIZED (SELECT ${held('"group"')} FROM buried WHERE "group" IS NOT NULL), ${now}
      UPDATE ${inbox} SET state = 'open', seq = DEFAULT, due = (SELECT ms FROM now), filed = (SELECT ms FROM now), tries = 0,
        receipt = NULL, refusal = NULL
      WHERE queue = $1 AND id = $2 AND state = 'buried' AND (SELECT count(*) FROM in_turn) >= 0 RETURNING 1`,
    list: list(''),
    listQueue: list('AND queue = $3'),
    listState: list(inState('$3')),
    listQueueState: list(`AND queue = $3 ${inState('$4')}`),
    read: `SELECT ${SHOWN}, body FROM ${inbox} WHERE queue = $1 AND id = $2`,
    counts: `
      SELECT queue, ${STATE} AS state, count(*) AS messages,
        min(due) FILTER (WHERE state = 'open' AND due <= ${NOW}) AS oldest
      FROM ${inbox} WHERE state IN ('open', 'buried') GROUP BY 1, 2`,
  } as const;
}
