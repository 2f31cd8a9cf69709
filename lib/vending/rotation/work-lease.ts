// The lease on a rotation, or on the purge of a retired key pair. A worker that finds it expired goes on from what the record
// says. The holder shares the record with callers, so each write changes the latest revision, while that still names it.
import { type Deadline, deadlineIn } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import { HeldLease, inProgress } from '../held-lease.ts';
import type { KeyPairRecord } from '../record.ts';
import { changeRecord, rotationOf, withRotation } from './change-record.ts';
import type { RotationPorts } from './rotation-ports.ts';
import type { Rotation, Work } from './rotation-record.ts';

/** Where in a record the work is. */
export interface WorkSlot<W extends Work> {
  /** Undefined when there is nothing to be done there any more. */
  readonly read: (record: KeyPairRecord) => W | undefined;
  readonly write: (record: KeyPairRecord, work: W) => KeyPairRecord;
}

export const rotationSlot = (id: string): WorkSlot<Rotation> => ({
  read: (record) => (record.state === 'active' ? rotationOf(record, id) : undefined),
  write: withRotation,
});

type Retirement = NonNullable<KeyPairRecord['retirement']>;
export const retirementSlot: WorkSlot<Work> = {
  read: ({ state, retirement }) => (state === 'retired' || state === 'purging' ? retirement?.work : undefined),
  write: (record, work) => ({ ...record, retirement: { ...(record.retirement as Retirement), work } }),
};

/** Versions on their way out; that rests while the key pair is retired, and ends when it is purged. */
export const outgoingSlot: WorkSlot<Work> = {
  read: ({ state, outgoing }) => (state === 'active' ? outgoing?.work : undefined),
  write: (record, work) =>
    record.outgoing === undefined ? record : { ...record, outgoing: { ...record.outgoing, work } },
};

export class WorkLease<W extends Work> extends HeldLease {
  readonly ports: RotationPorts;
  readonly identity: Identity;
  /** The record as it was when the lease was taken. */
  readonly taken: KeyPairRecord;
  readonly #holder: string;
  readonly #slot: WorkSlot<W>;
  #record: KeyPairRecord;

  private constructor(
    ports: RotationPorts,
    identity: Identity,
    [until, holder]: readonly [Deadline, string],
    slot: WorkSlot<W>,
    record: KeyPairRecord,
  ) {
    super(ports.clock, until);
    this.ports = ports;
    this.identity = identity;
    this.#holder = holder;
    this.#slot = slot;
    this.#record = record;
    this.taken = record;
  }

  /**
   * @param until when the function must be over
   * @param whenever takes it even before its next try is due
   * @returns undefined when it is not due
   * @throws {VendingError} IN_PROGRESS while somebody else may be working on it
   */
  static async take<W extends Work>(
    ports: RotationPorts,
    identity: Identity,
    slot: WorkSlot<W>,
    until: Deadline,
    whenever = false,
  ): Promise<WorkLease<W> | undefined> {
    const { clock, settings, rotation } = ports;
    const leased = deadlineIn(clock, rotation.leaseMs);
    const ends = leased.wallMs < until.wallMs ? leased : until;
    const holder = ports.newId();
    let due = false;
    const record = await changeRecord(ports, identity, (record) => {
      const work = slot.read(record);
      due = false;
      if (work === undefined) return record;
      const nowMs = clock.wallMs();
      if (work.lease?.holder === holder) {
        due = true; // a write of ours whose answer was lost
        return record;
      }
      const freeAtMs = work.lease === undefined ? 0 : work.lease.endsAtMs + settings.takeOverAfterMs;
      if (nowMs < freeAtMs) throw inProgress(freeAtMs - nowMs);
      if (!whenever && nowMs < (work.nextTryAtMs ?? Number.POSITIVE_INFINITY)) return record;
      due = true;
      const lease = { holder, endsAtMs: ends.wallMs };
      return slot.write(record, { ...work, lease, nextTryAtMs: lease.endsAtMs + settings.takeOverAfterMs });
    });
    return due ? new WorkLease(ports, identity, [ends, holder], slot, record) : undefined;
  }

  get record(): KeyPairRecord {
    return this.#record;
  }

  get work(): W {
    return this.#slot.read(this.#record)!;
  }

  /**
   * Replaces the work, and the part of the record that goes with it, in one write.
   * @throws {VendingError} LEASE_LOST when somebody else holds it by now, or it was cancelled
   */
  async change(make: (work: W, record: KeyPairRecord) => W | readonly [W, KeyPairRecord]): Promise<void> {
    this.#record = await changeRecord(this.ports, this.identity, (record) => {
      if (this.leftMs() <= 0) throw lost();
      const work = this.#slot.read(record);
      if (work?.lease?.holder !== this.#holder || !isSameState(work, this.work)) throw lost();
      const made = make(work, record);
      const [next, rest] = Array.isArray(made) ? (made as [W, KeyPairRecord]) : [made as W, record];
      return this.#slot.write(rest, next);
    });
  }

  /**
   * Gives up the lease.
   * @param next when the work is tried again, and why
   * @param stalled whether it has failed for so long that it will not get on by itself
   */
  async release(
    next: Pick<Work, 'failures' | 'lastError' | 'failingSinceMs' | 'nextTryAtMs'>,
    stalled = false,
  ): Promise<void> {
    const nowMs = this.ports.clock.wallMs();
    await this.change((work) => {
      const { lease: _, lastError: _before, failingSinceMs: _since, nextTryAtMs: _next, ...rest } = work;
      const { stalledAtMs, ...plain } = rest as typeof rest & Pick<Rotation, 'stalledAtMs'>;
      const isFailing = next.failingSinceMs !== undefined;
      const since = stalledAtMs ?? (stalled ? nowMs : undefined);
      return { ...plain, ...next, ...(isFailing && since !== undefined && { stalledAtMs: since }) } as unknown as W;
    });
  }
}

/** A rotation is promoted and cancelled from elsewhere, too: a worker may change only a state that it has seen. */
const isSameState = (one: Work, other: Work): boolean => (one as Rotation).state === (other as Rotation).state;

const lost = () => new VendingError('LEASE_LOST', 'Another worker is working on this, or it was cancelled');
