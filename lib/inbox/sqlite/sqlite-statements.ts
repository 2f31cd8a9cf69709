// The table of an inbox in SQLite, and every statement that it runs on it. `seq` is the order of filing; `due` is when a message is handed
// out, or again: what somebody has in hand is due when the lease is over; `until` is when one that is done is forgotten.
import type { FileKind } from '../../sqlite/sqlite-file.ts';

const schema = `
  CREATE TABLE inbox (
    seq INTEGER PRIMARY KEY,
    queue TEXT NOT NULL,
    id BLOB NOT NULL,
    "group" BLOB,
    body BLOB NOT NULL,
    sender TEXT NOT NULL,
    state TEXT NOT NULL,
    due INTEGER NOT NULL,
    filed INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    receipt TEXT,
    refusal TEXT,
    until INTEGER,
    UNIQUE (queue, id)
  ) STRICT;
  CREATE INDEX inbox_due ON inbox (queue, due, seq) WHERE state = 'open';
  CREATE INDEX inbox_groups ON inbox (queue, "group", seq) WHERE state = 'open' AND "group" IS NOT NULL;
  CREATE INDEX inbox_filed ON inbox (queue, seq);
  CREATE INDEX inbox_by_state ON inbox (state, seq);
  CREATE INDEX inbox_until ON inbox (until) WHERE until IS NOT NULL;
`;

const STATE = `CASE WHEN state <> 'open' THEN state WHEN receipt IS NOT NULL AND due > :now THEN 'in-hand' ELSE 'waiting' END`;
const SHOWN = `queue, id, seq, ${STATE} AS state, tries, filed, due, sender, refusal`;
const NEXT = '(SELECT coalesce(max(seq), 0) + 1 FROM inbox)';

/** A claim is ended by whoever has it. Nothing has a receipt but what somebody had in hand last, and did nothing with. */
const ended = (change: string) =>
  `UPDATE inbox SET receipt = NULL, ${change} WHERE queue = :queue AND id = :id AND receipt = :receipt`;
const list = (filter: string) => `SELECT ${SHOWN} FROM inbox WHERE seq > :after ${filter} ORDER BY seq LIMIT :limit`;
const inState = `AND state = CASE WHEN :state IN ('waiting', 'in-hand') THEN 'open' ELSE :state END AND ${STATE} = :state`;

export const statements = {
  file: `
    INSERT INTO inbox (seq, queue, id, "group", body, sender, state, due, filed, tries)
    VALUES (${NEXT}, :queue, :id, :group, :body, :sender, 'open', :due, :now, 0) ON CONFLICT DO NOTHING`,
  forget: 'DELETE FROM inbox WHERE queue = :queue AND id = :id AND until <= :now',
  prune: 'DELETE FROM inbox WHERE seq IN (SELECT seq FROM inbox WHERE until <= :now ORDER BY until LIMIT 10)',
  due: `
    SELECT seq FROM inbox AS one
    WHERE queue = :queue AND state = 'open' AND due <= :now AND ("group" IS NULL OR seq = (
      SELECT first.seq FROM inbox AS first WHERE first.queue = one.queue AND first."group" = one."group" AND first.state = 'open'
        AND first."group" IS NOT NULL ORDER BY first.seq LIMIT 1))
    ORDER BY due, seq LIMIT :most`,
  claim: `
    UPDATE inbox SET due = :due, tries = tries + 1, receipt = :receipt WHERE seq = :seq
    RETURNING queue, id, body, sender, "group", receipt, tries, filed`,
  done: ended("state = 'done', until = :until"),
  postpone: ended('due = :due'),
  bury: ended("state = 'buried', refusal = :refusal"),
  putBack: `
    UPDATE inbox SET seq = ${NEXT}, state = 'open', due = :now, filed = :now, tries = 0, refusal = NULL
    WHERE queue = :queue AND id = :id AND state = 'buried'`,
  list: list(''),
  listQueue: list('AND queue = :queue'),
  listState: list(inState),
  listQueueState: list(`AND queue = :queue ${inState}`),
  read: `SELECT ${SHOWN}, body FROM inbox WHERE queue = :queue AND id = :id`,
  counts: `
    SELECT queue, ${STATE} AS shown, count(*) AS messages, min(due) FILTER (WHERE state = 'open' AND due <= :now) AS oldest
    FROM inbox WHERE state IN ('open', 'buried') GROUP BY queue, shown`,
} as const;

/** The application id spells "kvin". */
export const inboxKind: FileKind = {
  name: 'inbox',
  application: 0x6b76696e,
  schema,
  codes: { unavailable: 'QUEUE_UNAVAILABLE', refused: 'QUEUE_UNAVAILABLE' },
};
