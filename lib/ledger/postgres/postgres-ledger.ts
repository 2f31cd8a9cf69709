// The ledger of many machines without a cloud's database: PostgreSQL, one statement a method.
import { createHash, randomBytes } from 'node:crypto';
import type { Deadline } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import { identityOf } from '../../identity.ts';
import type { PostgresPlace } from '../../postgres/configuration.ts';
import { connect } from '../../postgres/connection.ts';
import { assertDurable } from '../../postgres/durability.ts';
import { migrate } from '../../postgres/migrations.ts';
import { atMost, attemptJson, entryOf, keyOf, milliseconds, revisionOf } from '../entry.ts';
import { GatheredPage, parsed } from '../gathered-page.ts';
import type { Indexed, Ledger } from '../ledger.ts';
import { keyRangesOf } from '../listing.ts';
import { statementsIn } from './statements.ts';
import { ledgerTables } from './tables.ts';

/** A write that says no other moment is refused by the server this long after it was sent. */
const LATE_MS = 120_000;
/** The longest key that an index takes as it is; its entries hold some 2,700 bytes. */
const PLAIN_KEY_BYTES = 512;

/** @throws {VendingError} LEDGER_UNAVAILABLE when the server cannot be asked, may lose writes, or holds a newer version's tables */
export async function postgresLedger<R extends Indexed, A>(options: PostgresPlace): Promise<Ledger<R, A>> {
  const { clock, schema, mayLose } = options;
  const connection = connect(options, ledgerTables);
  const sql = statementsIn(schema);
  try {
    await connection.with(async (client) => {
      await assertDurable(client, mayLose, ledgerTables);
      await migrate(client, schema, ledgerTables);
    });
  } catch (error) {
    await connection.close();
    throw error;
  }

  /** @returns what it tells; undefined where nothing was done */
  async function write(statement: string, values: readonly unknown[], signBefore?: Deadline): Promise<unknown> {
    const untilMs = Math.min(signBefore?.wallMs ?? Number.POSITIVE_INFINITY, clock.wallMs() + LATE_MS);
    const [row] = await connection.write(statement, [untilMs, ...values]);
    if (row?.ok === true) return row.told ?? undefined;
    throw tooLate();
  }
  /** Of what depends on nothing but the time: it was in time when it came, and not any more when it had waited for others. */
  async function mustWrite(statement: string, values: readonly unknown[], signBefore?: Deadline): Promise<void> {
    if ((await write(statement, values, signBefore)) === undefined) throw tooLate();
  }

  const ledger: Ledger<R, A> = {
    async read(identity) {
      const [row] = await connection.read(sql.read, [keyOf(identity)]);
      return row && { record: parsed<R>(row.record), revision: Number(row.revision) };
    },

    async write(record, expected) {
      const { key, listed, state, aside, due, json } = entryOf(record);
      const { settle = null, rotate = null, announce = null } = due;
      const revision = revisionOf(expected) + 1;
      const writer = randomBytes(9).toString('base64url');
      const values = [key, listed, state, aside, settle, rotate, announce, writer, json];
      try {
        const done = expected === 0 ? await write(sql.insert, values) : await write(sql.replace, [...values, expected]);
        return done === undefined ? 'conflict' : revision;
      } catch (error) {
        if (!(error instanceof VendingError) || error.effect !== 'unknown') throw error;
        // It may be carried out still, so only what is there already is an answer.
        const [row] = await connection.read(sql.read, [key]).catch(() => []);
        if (row?.writer === writer) return revision;
        throw error;
      }
    },

    async list(listing) {
      const { state, own } = listing;
      const inAnyState = own ? sql.listOwn : sql.list;
      const inState = own ? sql.listOwnState : sql.listState;
      const page = new GatheredPage(listing);
      for (const { after, before } of keyRangesOf(listing)) {
        const range = [after, before, page.wanted];
        const rows =
          state === undefined
            ? await connection.read(inAnyState, range)
            : await connection.read(inState, [...range, state]);
        if (!rows.every((row) => page.take(row))) break;
      }
      return page.shown<R>();
    },

    async due(what, nowMs, limit) {
      const rows = await connection.read(sql[what], [milliseconds(nowMs), atMost(limit, 1_000)]);
      return rows.map(({ identity }) => identityOf(String(identity)));
    },

    async fileAttempt(identity, attemptId, attempt, signBefore, untilMs) {
      const until = untilMs === undefined ? null : milliseconds(untilMs);
      const row = [keyOf(identity), attemptId, attemptJson(attempt), until];
      await mustWrite(sql.fileAttempt, [...row, clock.wallMs()], signBefore);
    },

    async attempts(identity) {
      const rows = await connection.read(sql.attempts, [keyOf(identity)]);
      return new Map(rows.map(({ id, attempt }) => [String(id), parsed<A>(attempt)]));
    },

    async remember(key, value, nowMs, untilMs) {
      const values = [keyBytes(key), Buffer.from(value), milliseconds(untilMs), milliseconds(nowMs)];
      const standing = await write(sql.remember, values);
      return (standing as Buffer).toString();
    },

    async recall(key, nowMs) {
      const [row] = await connection.read(sql.recall, [keyBytes(key), milliseconds(nowMs)]);
      return row && (row.value as Buffer).toString();
    },

    async restate(key, value, untilMs) {
      await mustWrite(sql.restate, [keyBytes(key), Buffer.from(value), milliseconds(untilMs)]);
    },

    async tryAcquire(window, permits, untilMs) {
      if (permits < 1) return false;
      return (await write(sql.tryAcquire, [window, milliseconds(untilMs), permits, clock.wallMs()])) !== undefined;
    },

    async claim(group, holder, most, signBefore) {
      if (most < 1) return ledger.claimable(group, holder, most);
      return (await write(sql.claim, [group, holder, most], signBefore)) !== undefined;
    },

    async claimable(group, holder, most) {
      const [full] = await connection.read(sql.claimable, [group, holder, most]);
      return full === undefined && most > 0;
    },

    async unclaim(group, holder) {
      await write(sql.unclaim, [group, holder]);
    },

    async home() {
      const [row] = await connection.read(sql.home, []);
      // Where a failover may lose writes, each one makes it another ledger.
      const timeline = mayLose === 'nothing' ? [] : [row?.timeline];
      return [row?.made, row?.system, row?.table, ...timeline].join(' ');
    },

    close: () => connection.close(),
  };
  return ledger;
}

/** Text with any character in it, of any length. What is long is filed by its digest, with another first byte. */
function keyBytes(key: string): Buffer {
  const bytes = Buffer.from(key);
  const isPlain = bytes.length <= PLAIN_KEY_BYTES;
  return Buffer.concat([Buffer.of(isPlain ? 0 : 1), isPlain ? bytes : createHash('sha256').update(bytes).digest()]);
}

const tooLate = () =>
  new VendingError('LEDGER_UNAVAILABLE', "The write came too late by the clock of the ledger's server");
