// The tables of a ledger in SQLite, and every statement that it runs on them. Each statement is answered from one index: a test
// asks SQLite for its plans. Source: sqlite.org/stricttables.html, partialindex.html, lang_upsert.html.
import type { FileKind } from '../../sqlite/sqlite-file.ts';

const schema = `
  CREATE TABLE records (
    identity TEXT PRIMARY KEY,
    listed TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    settle INTEGER,
    rotate INTEGER,
    announce INTEGER,
    revision INTEGER NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX records_by_state ON records (state, listed);
  CREATE INDEX records_to_settle ON records (settle, identity) WHERE settle IS NOT NULL;
  CREATE INDEX records_to_rotate ON records (rotate, identity) WHERE rotate IS NOT NULL;
  CREATE INDEX records_to_announce ON records (announce, identity) WHERE announce IS NOT NULL;
  CREATE TABLE attempts (identity TEXT NOT NULL, id TEXT NOT NULL, attempt TEXT NOT NULL, PRIMARY KEY (identity, id)) STRICT;
  CREATE TABLE remembered (key TEXT PRIMARY KEY, value TEXT NOT NULL, until INTEGER NOT NULL) STRICT;
  CREATE INDEX remembered_until ON remembered (until);
  CREATE TABLE slots (window TEXT PRIMARY KEY, taken INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;
  CREATE INDEX slots_until ON slots (until);
`;

const changes = [
  'CREATE TABLE claims ("group" TEXT NOT NULL, holder TEXT NOT NULL, PRIMARY KEY ("group", holder)) STRICT',
  `ALTER TABLE records ADD COLUMN aside INTEGER NOT NULL DEFAULT 0;
  UPDATE records SET aside = 1 WHERE json_extract(record, '$.successorOf') IS NOT NULL;
  CREATE INDEX records_own ON records (listed) WHERE aside = 0;
  CREATE INDEX records_own_by_state ON records (state, listed) WHERE aside = 0;
  ALTER TABLE attempts ADD COLUMN until INTEGER;
  CREATE INDEX attempts_until ON attempts (until) WHERE until IS NOT NULL`,
];

const due = (what: string) =>
  `SELECT identity FROM records WHERE ${what} <= :now ORDER BY ${what}, identity LIMIT :limit`;

/** Deletes a few that have expired, with every write: the tables stay small and no write pays for many. */
const prune = (table: string) =>
  `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE until <= :now ORDER BY until LIMIT 10)`;

export const statements = {
  read: 'SELECT record, revision FROM records WHERE identity = :identity',
  insert: `
    INSERT INTO records (identity, listed, state, aside, settle, rotate, announce, revision, record)
    VALUES (:identity, :listed, :state, :aside, :settle, :rotate, :announce, 1, :record) ON CONFLICT DO NOTHING`,
  replace: `
    UPDATE records SET state = :state, aside = :aside, settle = :settle, rotate = :rotate, announce = :announce,
      revision = revision + 1, record = :record
    WHERE identity = :identity AND revision = :expected`,
  list: `
    SELECT listed, record FROM records WHERE listed > :after AND listed < :before ORDER BY listed LIMIT :limit`,
  listState: `
    SELECT listed, record FROM records WHERE state = :state AND listed > :after AND listed < :before
    ORDER BY listed LIMIT :limit`,
  listOwn: `
    SELECT listed, record FROM records WHERE aside = 0 AND listed > :after AND listed < :before
    ORDER BY listed LIMIT :limit`,
  listOwnState: `
    SELECT listed, record FROM records WHERE aside = 0 AND state = :state AND listed > :after AND listed < :before
    ORDER BY listed LIMIT :limit`,
  settle: due('settle'),
  rotate: due('rotate'),
  announce: due('announce'),
  fileAttempt: `
    INSERT OR REPLACE INTO attempts (identity, id, attempt, until) VALUES (:identity, :id, :attempt, :until)`,
  attempts: 'SELECT id, attempt FROM attempts WHERE identity = :identity',
  /** Each row that is filed or replaced gets a higher number than all before it (sqlite.org/autoinc.html): the last one is never deleted. */
  attemptsFiled: 'SELECT max(rowid) AS filed FROM attempts',
  recall: 'SELECT value FROM remembered WHERE key = :key AND until > :now',
  remember: `
    INSERT INTO remembered (key, value, until) VALUES (:key, :value, :until)
    ON CONFLICT DO UPDATE SET value = :value, until = :until`,
  tryAcquire: `
    INSERT INTO slots (window, taken, until) VALUES (:window, 1, :until)
    ON CONFLICT DO UPDATE SET taken = taken + 1 WHERE taken < :permits`,
  holds: 'SELECT 1 FROM claims WHERE "group" = :group AND holder = :holder',
  claimed: 'SELECT count(*) AS claimed FROM claims WHERE "group" = :group',
  claim: 'INSERT INTO claims ("group", holder) VALUES (:group, :holder)',
  unclaim: 'DELETE FROM claims WHERE "group" = :group AND holder = :holder',
  pruneAttempts: `
    DELETE FROM attempts WHERE rowid IN (
      SELECT rowid FROM attempts WHERE until <= :now AND rowid < (SELECT max(rowid) FROM attempts) ORDER BY until LIMIT 10)`,
  pruneRemembered: prune('remembered'),
  prunePermits: prune('slots'),
} as const;

/** The application id spells "kvlg". */
export const ledgerKind: FileKind = {
  name: 'ledger',
  application: 0x6b766c67,
  schema,
  changes,
  codes: { unavailable: 'LEDGER_UNAVAILABLE', refused: 'LEDGER_UNAVAILABLE' },
};
