// The inbox beside a ledger in PostgreSQL: any number of claimants on any number of machines, one statement a method.
import type { PostgresPlace } from '../../postgres/configuration.ts';
import { connect } from '../../postgres/connection.ts';
import { assertDurable } from '../../postgres/durability.ts';
import { migrate } from '../../postgres/migrations.ts';
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
  refusalJson,
  shownIn,
  stateAsked,
  textIn,
} from '../entry.ts';
import type { Claim, Inbox } from '../inbox.ts';
import { statementsIn } from './statements.ts';
import { inboxTables } from './tables.ts';

/** @throws {VendingError} QUEUE_UNAVAILABLE when the server cannot be asked, may lose writes, or holds a newer version's tables */
export async function postgresInbox(place: PostgresPlace): Promise<Inbox> {
  const { schema, mayLose } = place;
  const connection = connect(place, inboxTables);
  const sql = statementsIn(schema);
  try {
    await connection.with(async (client) => {
      await assertDurable(client, mayLose, inboxTables);
      await migrate(client, schema, inboxTables);
    });
  } catch (error) {
    await connection.close();
    throw error;
  }

  const wrote = async (statement: string, values: readonly unknown[]): Promise<boolean> =>
    (await connection.write(statement, values)).length > 0;
  const of = ({ queue, id, receipt }: Claim) => [queueName(queue), idBytes(id), receipt];

  return {
    async file(queue, message, afterMs = 0) {
      const { id, body, sender, group, ...entry } = entryOf(queue, message);
      return wrote(sql.file, [entry.queue, id, body, sender, group, period(afterMs)]);
    },

    async claim(queue, most, leaseMs) {
      const rows = await connection.write(sql.claim, [queueName(queue), atMost(most), period(leaseMs, 1)]);
      return [...rows].sort((a, b) => Number(a.due) - Number(b.due) || Number(a.seq) - Number(b.seq)).map(claimedIn);
    },

    done: async (claim) => wrote(sql.done, [...of(claim), KNOWN_MS]),
    postpone: async (claim, afterMs) => wrote(sql.postpone, [...of(claim), period(afterMs)]),
    bury: async (claim, refusal) => wrote(sql.bury, [...of(claim), refusalJson(refusal)]),
    putBack: async (queue, id) => wrote(sql.putBack, [queueName(queue), idBytes(id)]),

    async list({ queue, state, limit, cursor }) {
      const range = [afterIn(cursor), atMost(limit) + 1];
      const filter = [queue && queueName(queue), stateAsked(state)].filter((one) => one !== undefined);
      const inQueue = state === undefined ? sql.listQueue : sql.listQueueState;
      const inAny = state === undefined ? sql.list : sql.listState;
      return pageOf(await connection.read(queue === undefined ? inAny : inQueue, [...range, ...filter]), limit);
    },

    async read(queue, id) {
      const [row] = await connection.read(sql.read, [queueName(queue), idBytes(id)]);
      return row && { ...shownIn(row), body: textIn(row.body) };
    },

    counts: async () => countsIn(await connection.read(sql.counts, [])),
    close: () => connection.close(),
  };
}
