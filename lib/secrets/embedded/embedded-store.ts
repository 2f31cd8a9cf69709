// The secret store of a single machine: one SQLite file, any number of processes, every key sealed. Identities, version ids and
// times are readable in it. Anyone who can read the key file, or knows the passphrase, can read the keys.
import type { StatementSync } from 'node:sqlite';
import type { Clock } from '../../clock.ts';
import { DAY_MS } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import { type Identity, identityKey, identityOf } from '../../identity.ts';
import { openSqliteFile } from '../../sqlite/sqlite-file.ts';
import { notStored, type SecretStore, type StoredSecret } from '../secret-store.ts';
import { cursorAfter, PAGE, positionOf } from '../secrets-cursor.ts';
import { type KeySource, openKey } from './embedded-key.ts';
import { statements, storeKind } from './embedded-statements.ts';
import { type SealBinding, seal, unseal } from './seal.ts';

export interface EmbeddedStoreOptions {
  /** Made with mode 0600, and its folder with 0700, where there is none. Must be on a local disk: the log needs shared memory. */
  readonly path: string;
  readonly key: KeySource;
  readonly deployment: string;
  readonly clock: Clock;
  /** For how many days a removed version can be restored, 0 or more. Default 30. */
  readonly recoveryWindowDays?: number;
  /** How long a call may wait, blocking its process, while another process writes. Default 5000. */
  readonly busyTimeoutMs?: number;
}

export interface EmbeddedStore extends SecretStore {
  /** Brings a removed version back, within the recovery window. @returns whether it is stored now */
  restore(identity: Identity, versionId: string): Promise<boolean>;
  /** Deletes for good what was removed longer ago than the window. Every put and remove does so too. */
  purge(): Promise<void>;
}

/** The versions that have the marks. */
interface Marks {
  readonly current: string | undefined;
  readonly pending: string | undefined;
}
const marksOf = ({ current, pending }: Readonly<Record<string, unknown>>): Marks => ({
  current: current === null ? undefined : String(current),
  pending: pending === null ? undefined : String(pending),
});

/** @throws {VendingError} STORE_UNAVAILABLE or STORE_REFUSED when file or key cannot be used; a wrong passphrase is STORE_REFUSED */
export async function embeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const { deployment, clock, recoveryWindowDays = 30, busyTimeoutMs = 5_000 } = options;
  if (!(recoveryWindowDays >= 0)) throw new TypeError('the recovery window is a number of days');
  const file = await openSqliteFile(options.path, storeKind, busyTimeoutMs);
  const key = await openKey(file, options.key).catch((error: unknown) => {
    file.close();
    throw error;
  });
  const sql = Object.fromEntries(
    Object.entries(statements).map(([name, text]) => [name, file.database.prepare(text)]),
  ) as Record<keyof typeof statements, StatementSync>;

  const placeOf = (identity: string, id: string): SealBinding => ['private key', deployment, identity, id];
  /** Undefined when there is none; only within a read or a write. */
  const ours = (identity: string): Marks | undefined => {
    const row = sql.secret.get({ identity });
    if (row === undefined) return undefined;
    if (row.deployment === deployment) return marksOf(row);
    throw new VendingError('SECRET_NOT_OURS', 'A secret of that name exists that this deployment did not make');
  };
  const shown = (identity: string, { current, pending }: Marks): StoredSecret | undefined => {
    const versions = sql.versions.all({ identity }).map(({ id, created, pair }) => ({
      id: String(id),
      createdAtMs: Number(created),
      ...(pair === null ? {} : { keyPairId: String(pair) }),
      current: id === current,
      pending: id === pending,
    }));
    if (versions.length === 0) return undefined;
    return { identity: identityOf(identity), reference: `embedded:${identity}`, versions };
  };
  const purge = () => {
    const until = Math.floor(clock.wallMs() - recoveryWindowDays * DAY_MS);
    const purged = sql.purgeVersions.all({ until, deployment });
    for (const { identity } of purged) sql.purgeSecret.run({ identity: String(identity) });
  };

  return {
    async prepare(of) {
      file.write(() => {
        purge();
        ours(identityKey(of));
      });
    },

    async put(of, id, text, _signBefore, keyPairId) {
      const identity = identityKey(of);
      const current = file.write(() => {
        purge();
        const known = ours(identity) && sql.version.get({ identity, id });
        if (known === undefined) {
          const sealed = seal(key, placeOf(identity, id), text);
          sql.addSecret.run({ identity, deployment, current: id }); // current only where there is no secret yet
          sql.addVersion.run({ identity, id, created: Math.floor(clock.wallMs()), sealed, pair: keyPairId ?? null });
        } else if (unseal(key, placeOf(identity, id), known.sealed as Uint8Array).reveal() !== text.reveal()) {
          throw new VendingError('VERSION_TAKEN', 'Another key is stored under this version');
        } else sql.bringBack.run({ identity, id });
        return ours(identity)?.current === id;
      });
      return { reference: `embedded:${identity}`, current };
    },

    async find(of) {
      const identity = identityKey(of);
      return file.read(() => {
        const secret = ours(identity);
        return secret && shown(identity, secret);
      });
    },

    async makeCurrent(of, id, from) {
      const identity = identityKey(of);
      return file.write(() => {
        const secret = ours(identity);
        const version = secret && sql.version.get({ identity, id });
        if (secret === undefined || version === undefined || version.removed !== null) return false;
        if (secret.current === id) return true;
        if (secret.current !== from) return false;
        sql.setCurrent.run({ identity, current: id });
        return true;
      });
    },

    async markPending(of, id) {
      const identity = identityKey(of);
      file.write(() => {
        const secret = ours(identity);
        const version = secret && id !== undefined ? sql.version.get({ identity, id }) : undefined;
        if (id !== undefined && version?.removed !== null) throw notStored();
        sql.setPending.run({ identity, pending: id ?? null });
      });
    },

    async remove(of, id) {
      const identity = identityKey(of);
      file.write(() => {
        if (ours(identity) === undefined) return;
        sql.removeVersion.run({ identity, id, now: Math.floor(clock.wallMs()) });
        sql.dropCurrent.run({ identity, id });
        sql.dropPending.run({ identity, id });
        purge();
      });
    },

    async restoreSecret() {}, // a version is removed by itself, and takes no other with it

    async reveal(of, versionId) {
      const identity = identityKey(of);
      const found = file.read(() => {
        const secret = ours(identity);
        const id = versionId ?? secret?.current;
        const row = secret && id !== undefined ? sql.version.get({ identity, id }) : undefined;
        return id === undefined || row === undefined || row.removed !== null ? undefined : { id, sealed: row.sealed };
      });
      return found && unseal(key, placeOf(identity, found.id), found.sealed as Uint8Array);
    },

    async list(cursor) {
      const after = cursor === undefined ? '' : positionOf(cursor);
      return file.read(() => {
        const rows = sql.list.all({ deployment, after, limit: PAGE + 1 }); // one more tells whether a page follows
        const page = rows.slice(0, PAGE).map((row) => ({ identity: String(row.identity), ...marksOf(row) }));
        const secrets = page
          .map(({ identity, ...marks }) => shown(identity, marks))
          .filter((secret) => secret !== undefined);
        return rows.length > PAGE ? { secrets, cursor: cursorAfter(page.at(-1)!.identity) } : { secrets };
      });
    },

    async restore(of, id) {
      const identity = identityKey(of);
      return file.write(() => {
        purge();
        return ours(identity) !== undefined && sql.bringBack.run({ identity, id }).changes === 1;
      });
    },

    purge: async () => file.write(purge),
    close: async () => file.close(),
  };
}
