// Recovery: settles what was left open and nobody came back for, settles closed attempts once more past their horizon, and
// publishes what was not announced. It finds its work by index. Any number of recoveries may run at once: each record is taken
// by a conditional write, and the recovery that comes second leaves it alone.
import { type Deadline, leftMs } from '../clock.ts';
import { VendingError } from '../errors.ts';
import { type Identity, identityKey } from '../identity.ts';
import type { Due, Filed } from '../ledger/ledger.ts';
import { together } from '../together.ts';
import { fileRecord } from './file-record.ts';
import { flushOutbox } from './outbox.ts';
import type { Ports } from './ports.ts';
import { takeTurn } from './rate-limit.ts';
import type { KeyPairRecord } from './record.ts';
import { sendNotices } from './send-notices.ts';
import { sendTrail } from './send-trail.ts';
import { settle } from './settle.ts';

export interface RecoveryLimits {
  /** Nothing is begun after this; what was begun may take a few calls longer. */
  readonly until: Deadline;
  /** How many records are looked at, at most. Default 1000. */
  readonly most?: number;
  /** How many are worked on at once. Default 8. */
  readonly atOnce?: number;
  /** Called once for each failure. */
  readonly failed?: (error: unknown, identity: Identity) => void;
  /** Called for each name that something has which is not provably ours. */
  readonly conflict?: (identity: Identity) => void;
}

/** What became of the records that were looked at. */
export interface Recovered {
  /** Nothing is left open. */
  settled: number;
  /** Comes due again: absence must be seen twice, somebody else holds the lease, or its window is not over. */
  waiting: number;
  /** Something of that name is there that is not provably ours. */
  conflicts: number;
  announced: number;
  /** They were put off, and are due again after a while. */
  failed: number;
  /** Whether a limit ended the run while more was due. */
  more: boolean;
}

/** How long a record that failed is put off, so that it does not stand in the way of those that would succeed. */
const PUT_OFF_MS = 5 * 60_000;
const PAGE = 100;

export async function recover(ports: Ports, limits: RecoveryLimits): Promise<Recovered> {
  const done: Recovered = { settled: 0, waiting: 0, conflicts: 0, announced: 0, failed: 0, more: false };
  let left = limits.most ?? 1_000;
  for (const [what, act] of [
    ['settle', settleOne],
    ['announce', announceOne],
  ] as const) {
    const seen = new Set<string>();
    for (;;) {
      const wanted = Math.min(1_000, seen.size + PAGE);
      const due = await ports.ledger.due(what, ports.clock.wallMs(), wanted);
      const fresh = due.filter((identity) => !seen.has(identityKey(identity)));
      if (fresh.length === 0) break;
      if (left === 0 || leftMs(ports.clock, limits.until) <= 0) return { ...done, more: true };
      const batch = fresh.slice(0, left);
      left -= batch.length;
      for (const identity of batch) seen.add(identityKey(identity));
      await together(batch, limits.atOnce ?? 8, async (identity) => {
        const outcome = await act(ports, identity, () => leftMs(ports.clock, limits.until)).catch((error) =>
          putOff(ports, what, identity, error, limits),
        );
        if (outcome === 'no time') done.more = true;
        else done[outcome] += 1;
        if (outcome === 'conflicts') limits.conflict?.(identity);
      });
    }
  }
  return done;
}

type Outcome = 'settled' | 'waiting' | 'conflicts' | 'announced' | 'failed' | 'no time';

async function settleOne(ports: Ports, identity: Identity, left: () => number): Promise<Outcome> {
  if (left() <= 0) return 'no time';
  const filed = await ports.ledger.read(identity); // an index may lag behind
  if (filed === undefined || !isDue(ports, 'settle', filed)) return 'waiting';
  // Before it is held: what holds a lease while it waits for its turn may lose it.
  if (!(await takeTurn(ports, identity, left))) return 'no time';
  await settle(ports, await ports.providerFor(identity), filed);
  const after = (await ports.ledger.read(identity))?.record;
  if (after?.state === 'conflict') return 'conflicts';
  return after?.settleAtMs === undefined ? 'settled' : 'waiting';
}

async function announceOne(ports: Ports, identity: Identity, left: () => number): Promise<Outcome> {
  if (left() <= 0) return 'no time';
  const filed = await ports.ledger.read(identity);
  if (filed === undefined || !isDue(ports, 'announce', filed)) return 'waiting';
  if (await flushOutbox(ports, filed)) {
    const told = await ports.ledger.read(identity);
    if (told !== undefined) await sendNotices(ports, told);
    const sent = await ports.ledger.read(identity);
    if (sent !== undefined) await sendTrail(ports, sent);
    return 'announced';
  }
  throw new VendingError('QUEUE_UNAVAILABLE', 'An event could not be published, or a label could not be moved');
}

const dueAt = { settle: 'settleAtMs', announce: 'announceAtMs' } as const satisfies Partial<Record<Due, string>>;

const isDue = ({ clock }: Ports, what: keyof typeof dueAt, { record }: Filed<KeyPairRecord>): boolean =>
  (record[dueAt[what]] ?? Number.POSITIVE_INFINITY) <= clock.wallMs();

/** Moves only a hint, and only if nobody has changed the record: a worker that holds the lease has made it due later already. */
async function putOff(
  ports: Ports,
  what: keyof typeof dueAt,
  identity: Identity,
  error: unknown,
  { failed }: RecoveryLimits,
): Promise<Outcome> {
  if (error instanceof VendingError && error.code === 'IN_PROGRESS') return 'waiting'; // somebody else was faster
  failed?.(error, identity);
  const { ledger, clock } = ports;
  const filed = await ledger.read(identity).catch(() => undefined);
  if (filed !== undefined && isDue(ports, what, filed)) {
    const later = { ...filed.record, [dueAt[what]]: clock.wallMs() + PUT_OFF_MS };
    await fileRecord(ports, filed, later).catch(() => undefined);
  }
  return 'failed';
}
