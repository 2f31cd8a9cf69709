// The inbox of a single machine: one SQLite file, any number of processes, beside the ledger and not in it, so that what waits in a queue
// never holds up the ledger's one writer.
import { randomUUID } from 'node:crypto';
import type { StatementSync } from 'node:sqlite';
import type { Clock } from '../../clock.ts';
import { openSqliteFile } from '../../sqlite/sqlite-file.ts';
import {
  afterIn,
  atMost,
  claimedIn,
  countsIn,
  entryOf,
  idBytes,
  KNOWN_MS,
  pageOf,
  period,
  queueName,
  type Row,
  refusalJson,
  shownIn,
  stateAsked,
  textIn,
} from '../entry.ts';
import type { Claim, Inbox } from '../inbox.ts';
import { inboxKind, statements } from './sqlite-statements.ts';

export interface SqliteInboxOptions {
  /** Made with mode 0600, and its folder with 0700, where there is none. Must be on a local disk: the log needs shared memory. */
  readonly path: string;
  readonly clock: Clock;
  /** How long a call may wait, blocking its process, while another process writes. Default 5000. */
  readonly busyTimeoutMs?: number;
}

/** @throws {VendingError} QUEUE_UNAVAILABLE when the file cannot be opened, is damaged, or is something else */
export async function sqliteInbox({ path, clock, busyTimeoutMs = 5_000 }: SqliteInboxOptions): Promise<Inbox> {
  const file = await openSqliteFile(path, inboxKind, busyTimeoutMs);
  const sql = Object.fromEntries(
    Object.entries(statements).map(([name, text]) => [name, file.database.prepare(text)]),
  ) as Record<keyof typeof statements, StatementSync>;
  const wrote = (work: () => { readonly changes: number | bigint }): boolean => file.write(work).changes === 1;
  const of = ({ queue, id, receipt }: Claim) => ({ queue: queueName(queue), id: idBytes(id), receipt });

  return {
    async file(queue, message, afterMs = 0) {
      const entry = entryOf(queue, message);
      const after = period(afterMs);
      return wrote(() => {
        const now = clock.wallMs();
        sql.forget.run({ queue: entry.queue, id: entry.id, now });
        sql.prune.run({ now });
        return sql.file.run({ ...entry, now, due: now + after });
      });
    },

    async claim(queue, most, leaseMs) {
      const asked = { queue: queueName(queue), most: atMost(most) };
      const lease = period(leaseMs, 1);
      return file.write(() => {
        const now = clock.wallMs(); // once the lock is there
        const due = sql.due.all({ ...asked, now });
        return due.map(({ seq }) =>
          claimedIn(sql.claim.get({ seq: seq!, due: now + lease, receipt: randomUUID() }) as Row),
        );
      });
    },

    done: async (claim) =>
      wrote(() => {
        const now = clock.wallMs();
        sql.prune.run({ now });
        return sql.done.run({ ...of(claim), until: now + KNOWN_MS });
      }),
    async postpone(claim, afterMs) {
      const after = period(afterMs);
      return wrote(() => sql.postpone.run({ ...of(claim), due: clock.wallMs() + after }));
    },
    bury: async (claim, refusal) => wrote(() => sql.bury.run({ ...of(claim), refusal: refusalJson(refusal) })),
    putBack: async (queue, id) =>
      wrote(() => sql.putBack.run({ queue: queueName(queue), id: idBytes(id), now: clock.wallMs() })),

    async list({ queue, state, limit, cursor }) {
      const range = { after: afterIn(cursor), limit: atMost(limit) + 1, now: clock.wallMs() };
      const inQueue = queue !== undefined && { queue: queueName(queue) };
      const inState = stateAsked(state) !== undefined && { state: state! };
      const anyState = inQueue ? sql.listQueue : sql.list;
      const oneState = inQueue ? sql.listQueueState : sql.listState;
      const statement = inState ? oneState : anyState;
      return pageOf(
        file.read(() => statement.all({ ...range, ...inQueue, ...inState })),
        limit,
      );
    },

    async read(queue, id) {
      const asked = { queue: queueName(queue), id: idBytes(id), now: clock.wallMs() };
      const row = file.read(() => sql.read.get(asked));
      return row && { ...shownIn(row), body: textIn(row.body) };
    },

    async counts() {
      const rows = file.read(() => sql.counts.all({ now: clock.wallMs() }));
      return countsIn(rows.map(({ shown, ...row }) => ({ ...row, state: shown })));
    },

    async close() {
      file.close();
    },
  };
}
