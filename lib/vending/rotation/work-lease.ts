// One worker's hold on a rotation, or on a retirement. It has a lease in the record; who finds it expired goes on from what is
// written there. Unlike an attempt's hold it shares its record with callers, so every change is made to the latest revision.
import { type Deadline, deadlineIn, leftMs } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import { inProgress } from '../attempt-lease.ts';
import type { KeyPairRecord } from '../record.ts';
import { changed, rotationOf, withRotation } from './change-record.ts';
import type { RotationParts } from './rotation-ports.ts';
import type { Rotation, Work } from './rotation-record.ts';

/** Where in a record the work is. */
export interface Place<W extends Work> {
  /** Undefined when there is nothing to be done there any more. */
  readonly of: (record: KeyPairRecord) => W | undefined;
  readonly put: (record: KeyPairRecord, work: W) => KeyPairRecord;
}

export const atRotation = (id: string): Place<Rotation> => ({
  of: (record) => (record.state === 'active' ? rotationOf(record, id) : undefined),
  put: withRotation,
});

type Retirement = NonNullable<KeyPairRecord['retirement']>;
export const atRetirement: Place<Work> = {
  of: ({ state, retirement }) => (state === 'purging' ? retirement?.work : undefined),
  put: (record, work) => ({ ...record, retirement: { ...(record.retirement as Retirement), work } }),
};

export class Working<W extends Work> {
  readonly parts: RotationParts;
  readonly identity: Identity;
  /** Nothing is sent after this, by both clocks. */
  readonly until: Deadline;
  readonly #holder: string;
  readonly #place: Place<W>;
  #record: KeyPairRecord;

  private constructor(
    parts: RotationParts,
    identity: Identity,
    [until, holder]: readonly [Deadline, string],
    place: Place<W>,
    record: KeyPairRecord,
  ) {
    this.parts = parts;
    this.identity = identity;
    this.until = until;
    this.#holder = holder;
    this.#place = place;
    this.#record = record;
  }

  /**
   * @param until when the function has to be over
   * @param whenever also before its next try is due
   * @returns undefined when it is not due
   * @throws {VendingError} IN_PROGRESS while somebody else may be at it
   */
  static async take<W extends Work>(
    parts: RotationParts,
    identity: Identity,
    place: Place<W>,
    until: Deadline,
    whenever = false,
  ): Promise<Working<W> | undefined> {
    const { clock, settings, rotation } = parts;
    const leased = deadlineIn(clock, rotation.leaseMs);
    const ends = leased.wallMs < until.wallMs ? leased : until;
    const holder = parts.newId();
    let due = false;
    const record = await changed(parts, identity, (record) => {
      const work = place.of(record);
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
      return place.put(record, { ...work, lease, nextTryAtMs: lease.endsAtMs + settings.takeOverAfterMs });
    });
    return due ? new Working(parts, identity, [ends, holder], place, record) : undefined;
  }

  get record(): KeyPairRecord {
    return this.#record;
  }

  get work(): W {
    return this.#place.of(this.#record)!;
  }

  /** @throws {VendingError} DEADLINE_PASSED when less is left than one more thing takes: what is not done is due again at once */
  enough(ms: number): void {
    if (leftMs(this.parts.clock, this.until) < ms) throw outOfTime();
  }

  /**
   * Replaces the work, and what of the record goes with it, in one write.
   * @throws {VendingError} LEASE_LOST when it is somebody else's by now, or was cancelled
   */
  async change(make: (work: W, record: KeyPairRecord) => W | readonly [W, KeyPairRecord]): Promise<void> {
    this.#record = await changed(this.parts, this.identity, (record) => {
      if (leftMs(this.parts.clock, this.until) <= 0) throw lost();
      const work = this.#place.of(record);
      if (work?.lease?.holder !== this.#holder || !sameState(work, this.work)) throw lost();
      const made = make(work, record);
      const [next, rest] = Array.isArray(made) ? (made as [W, KeyPairRecord]) : [made as W, record];
      return this.#place.put(rest, next);
    });
  }

  /** Ends the hold. @param next when it is tried again, and why */
  async release(next: Pick<Work, 'failures' | 'lastError' | 'nextTryAtMs'>): Promise<void> {
    await this.change((work) => {
      const { lease: _, lastError: _before, nextTryAtMs: _next, ...rest } = work;
      return { ...rest, ...next } as W;
    });
  }
}

/** Promoted and cancelled from elsewhere: only a state that this worker has seen is its own to change. */
const sameState = (one: Work, other: Work): boolean => (one as Rotation).state === (other as Rotation).state;

const lost = () => new VendingError('LEASE_LOST', 'This is being worked on by somebody else, or was cancelled');
const outOfTime = () => new VendingError('DEADLINE_PASSED', 'Too little time was left for the next step');
