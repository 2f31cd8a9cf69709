// The ledger of a single machine: one SQLite file, any number of processes.
import type { StatementSync } from 'node:sqlite';
import type { Clock } from '../../clock.ts';
import { identityOf } from '../../identity.ts';
import { openSqliteFile } from '../../sqlite/sqlite-file.ts';
import { atMost, attemptJson, entryOf, keyOf, milliseconds, revisionOf } from '../entry.ts';
import { GatheredPage, parsed } from '../gathered-page.ts';
import type { Indexed, Ledger } from '../ledger.ts';
import { keyRangesOf } from '../listing.ts';
import { ledgerKind, statements } from './sqlite-statements.ts';
import { witnessOf } from './sqlite-witness.ts';

export interface SqliteLedgerOptions {
  /** Made with mode 0600, and its folder with 0700, where there is none. Must be on a local disk: the log needs shared memory. */
  readonly path: string;
  readonly clock: Clock;
  /** How long a call may wait, blocking its process, while another process writes. Default 5000. */
  readonly busyTimeoutMs?: number;
}

/** @throws {VendingError} LEDGER_UNAVAILABLE when the file cannot be opened, is damaged, or is something else */
export async function sqliteLedger<R extends Indexed, A>(options: SqliteLedgerOptions): Promise<Ledger<R, A>> {
  const { clock } = options;
  const file = await openSqliteFile(options.path, ledgerKind, options.busyTimeoutMs ?? 5_000);
  const sql = Object.fromEntries(
    Object.entries(statements).map(([name, text]) => [name, file.database.prepare(text)]),
  ) as Record<keyof typeof statements, StatementSync>;
  const witness = witnessOf(options.path);

  return {
    async read(identity) {
      const key = keyOf(identity);
      const row = file.read(() => sql.read.get({ identity: key }));
      return row && { record: parsed<R>(row.record), revision: Number(row.revision) };
    },

    async write(record, expected) {
      const { key, listed, state, aside, due, json } = entryOf(record);
      const { settle = null, rotate = null, announce = null } = due;
      const columns = { identity: key, state, aside: Number(aside), settle, rotate, announce, record: json };
      const { changes } =
        revisionOf(expected) === 0
          ? file.write(() => sql.insert.run({ ...columns, listed }))
          : file.write(() => sql.replace.run({ ...columns, expected }));
      return changes === 0 ? 'conflict' : expected + 1;
    },

    async list(listing) {
      const { state, own } = listing;
      const inAnyState = own ? sql.listOwn : sql.list;
      const inState = own ? sql.listOwnState : sql.listState;
      const page = new GatheredPage(listing);
      for (const { after, before } of keyRangesOf(listing)) {
        const range = { after, before, limit: page.wanted };
        file.read(() => {
          for (const row of state === undefined ? inAnyState.iterate(range) : inState.iterate({ ...range, state }))
            if (!page.take(row)) break;
        });
        if (page.isFull) break;
      }
      return page.shown<R>();
    },

    async due(what, nowMs, limit) {
      const rows = file.read(() => sql[what].all({ now: milliseconds(nowMs), limit: atMost(limit, 1_000) }));
      return rows.map(({ identity }) => identityOf(String(identity)));
    },

    async fileAttempt(identity, attemptId, attempt, _signBefore, untilMs) {
      const until = untilMs === undefined ? null : milliseconds(untilMs);
      const row = { identity: keyOf(identity), id: attemptId, attempt: attemptJson(attempt), until };
      const { lastInsertRowid } = file.write(() => {
        sql.pruneAttempts.run({ now: clock.wallMs() });
        return sql.fileAttempt.run(row);
      });
      witness.filed(Number(lastInsertRowid));
    },

    async attempts(identity) {
      const key = keyOf(identity);
      const rows = file.read(() => sql.attempts.all({ identity: key }));
      return new Map(rows.map(({ id, attempt }) => [String(id), parsed<A>(attempt)]));
    },

    async remember(key, value, nowMs, untilMs) {
      const row = { key, value, until: milliseconds(untilMs) };
      const now = milliseconds(nowMs);
      return file.write(() => {
        const standing = sql.recall.get({ key, now });
        if (standing) return String(standing.value);
        sql.remember.run(row);
        sql.pruneRemembered.run({ now });
        return value;
      });
    },

    async recall(key, nowMs) {
      const row = { key, now: milliseconds(nowMs) };
      const standing = file.read(() => sql.recall.get(row));
      return standing && String(standing.value);
    },

    async restate(key, value, untilMs) {
      const row = { key, value, until: milliseconds(untilMs) };
      file.write(() => sql.remember.run(row));
    },

    async tryAcquire(window, permits, untilMs) {
      if (permits < 1) return false;
      const row = { window, permits, until: milliseconds(untilMs) };
      return file.write(() => {
        sql.prunePermits.run({ now: clock.wallMs() });
        return sql.tryAcquire.run(row).changes === 1;
      });
    },

    async claim(group, holder, most) {
      const row = { group, holder };
      return file.write(() => {
        if (sql.holds.get(row) !== undefined) return true;
        if (Number(sql.claimed.get({ group })?.claimed) >= most) return false;
        return sql.claim.run(row).changes === 1;
      });
    },

    async claimable(group, holder, most) {
      return file.read(
        () => Number(sql.claimed.get({ group })?.claimed) < most || sql.holds.get({ group, holder }) !== undefined,
      );
    },

    async unclaim(group, holder) {
      file.write(() => sql.unclaim.run({ group, holder }));
    },

    async home() {
      return witness.home(() => Number(file.read(() => sql.attemptsFiled.get())?.filed ?? 0));
    },

    async close() {
      file.close();
    },
  };
}
