// The tables of the embedded store, and every statement that it runs on them.
import type { FileKind } from '../../sqlite/sqlite-file.ts';

const schema = `
  CREATE TABLE key (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    source TEXT NOT NULL,
    salt BLOB NOT NULL,
    cost INTEGER NOT NULL,
    sealed BLOB NOT NULL
  ) STRICT;
  CREATE TABLE secrets (identity TEXT PRIMARY KEY, deployment TEXT NOT NULL, current TEXT) STRICT;
  CREATE TABLE versions (
    identity TEXT NOT NULL REFERENCES secrets,
    id TEXT NOT NULL,
    created INTEGER NOT NULL,
    removed INTEGER,
    sealed BLOB NOT NULL,
    PRIMARY KEY (identity, id)
  ) STRICT;
  CREATE INDEX versions_removed ON versions (removed) WHERE removed IS NOT NULL
`;

const changes = ['ALTER TABLE secrets ADD COLUMN pending TEXT', 'ALTER TABLE versions ADD COLUMN pair TEXT'];

export const statements = {
  secret: 'SELECT deployment, current, pending FROM secrets WHERE identity = :identity',
  versions: `
    SELECT id, created, pair FROM versions WHERE identity = :identity AND removed IS NULL ORDER BY created, id`,
  version: 'SELECT removed, sealed FROM versions WHERE identity = :identity AND id = :id',
  addSecret: `
    INSERT INTO secrets (identity, deployment, current) VALUES (:identity, :deployment, :current) ON CONFLICT DO NOTHING`,
  addVersion: `
    INSERT INTO versions (identity, id, created, removed, sealed, pair)
    VALUES (:identity, :id, :created, NULL, :sealed, :pair)`,
  bringBack: 'UPDATE versions SET removed = NULL WHERE identity = :identity AND id = :id',
  setCurrent: 'UPDATE secrets SET current = :current WHERE identity = :identity',
  setPending: 'UPDATE secrets SET pending = :pending WHERE identity = :identity',
  removeVersion: 'UPDATE versions SET removed = :now WHERE identity = :identity AND id = :id AND removed IS NULL',
  dropCurrent: 'UPDATE secrets SET current = NULL WHERE identity = :identity AND current = :id',
  dropPending: 'UPDATE secrets SET pending = NULL WHERE identity = :identity AND pending = :id',
  list: `
    SELECT identity, current, pending FROM secrets
    WHERE deployment = :deployment AND identity > :after
      AND EXISTS (SELECT 1 FROM versions WHERE versions.identity = secrets.identity AND removed IS NULL)
    ORDER BY identity LIMIT :limit`,
  purgeVersions: `
    DELETE FROM versions
    WHERE removed <= :until AND identity IN (SELECT identity FROM secrets WHERE deployment = :deployment)
    RETURNING identity`,
  purgeSecret: `
    DELETE FROM secrets
    WHERE identity = :identity AND NOT EXISTS (SELECT 1 FROM versions WHERE versions.identity = :identity)`,
} as const;

/** The application id spells "kvse". */
export const storeKind: FileKind = {
  name: 'secret store',
  application: 0x6b767365,
  schema,
  changes,
  codes: { unavailable: 'STORE_UNAVAILABLE', refused: 'STORE_REFUSED' },
};
