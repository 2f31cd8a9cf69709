// One worker's hold on a record with an open attempt. Only who holds it changes anything, in the ledger or outside.
import { type Deadline, deadlineIn, leftMs } from '../clock.ts';
import { VendingError } from '../errors.ts';
import type { Call } from '../transport/wire.ts';
import type { Parts } from './ports.ts';
import type { Attempt, KeyPairRecord, OpenAttempt } from './record.ts';

/** A record whose attempt is open. */
export type OpenRecord = KeyPairRecord & { readonly attempt: OpenAttempt };

export class Hold {
  readonly parts: Parts;
  /** By both clocks of this worker: the wall's and the monotonic one. */
  readonly until: Deadline;
  /** When whoever waits has to be answered; for recovery, the end of the lease. */
  readonly answerBy: Deadline;
  #record: OpenRecord;
  #revision: number;
  /** The attempt as it is on file, once this worker has read or written it. */
  #filed: Attempt | undefined;
  /** What of that is known to be there, as JSON: it need not be filed again. */
  #arrived: string | undefined;

  private constructor(
    parts: Parts,
    [until, answerBy]: [Deadline, Deadline | undefined],
    record: OpenRecord,
    revision: number,
    filed: Attempt | undefined,
  ) {
    this.parts = parts;
    this.until = until;
    this.answerBy = answerBy ?? until;
    this.#record = record;
    this.#revision = revision;
    this.#filed = filed;
  }

  /**
   * Writes a record with a lease of ours, in place of the revision that was read.
   * @param make gets the lease and gives the record
   * @param times when whoever waits has to be answered, and when the lease ends; by default a whole lease from now
   * @param filed the attempt as the caller has just filed it
   * @throws {VendingError} IN_PROGRESS when somebody else was faster
   */
  static async take(
    parts: Parts,
    expected: number,
    make: (lease: OpenAttempt['lease']) => OpenRecord,
    times: { readonly answerBy?: Deadline; readonly until?: Deadline } = {},
    filed?: Attempt,
  ): Promise<Hold> {
    const until = times.until ?? deadlineIn(parts.clock, parts.settings.leaseMs);
    const record = make({ holder: parts.newId(), endsAtMs: until.wallMs });
    const revision = await parts.ledger.write(record, expected);
    if (revision === 'conflict') throw inProgress(parts.settings.leaseMs);
    return new Hold(parts, [until, times.answerBy], record, revision, filed);
  }

  get record(): OpenRecord {
    return this.#record;
  }

  /** The limits of one upstream call under this hold. @throws {VendingError} LEASE_LOST when there is no time left */
  call(timeoutMs: number): Call {
    this.stillHeld();
    return { timeoutMs: Math.min(timeoutMs, this.leftMs()), signBefore: this.until };
  }

  /** To be asked in the same turn as whatever is then done. @throws {VendingError} LEASE_LOST */
  stillHeld(): void {
    if (this.leftMs() <= 0) throw leaseLost();
  }

  leftMs(): number {
    return leftMs(this.parts.clock, this.until);
  }

  leftToAnswerMs(): number {
    return Math.min(this.leftMs(), leftMs(this.parts.clock, this.answerBy));
  }

  /** Replaces the record and keeps the hold. @throws {VendingError} LEASE_LOST when it is somebody else's by now */
  async update(record: OpenRecord): Promise<void> {
    this.#revision = await this.#write(record);
    this.#record = record;
  }

  /** Replaces the record and ends the attempt. @returns the new revision */
  async end(record: KeyPairRecord, attempt: Partial<Attempt>): Promise<number> {
    await this.file(attempt); // first: what a record says about other items is written to those first
    return this.#write(record);
  }

  /** Files what became of the attempt. What could not be filed is filed with the next change. */
  async file(change: Partial<Attempt>): Promise<void> {
    this.stillHeld();
    const { ledger } = this.parts;
    const { identity, attempt } = this.#record;
    const known = this.#filed ?? (await ledger.attempts(identity)).get(attempt.id);
    if (known === undefined) throw new TypeError('an open attempt is always on file');
    const filed = { ...known, ...change };
    if (JSON.stringify(filed) === this.#arrived) return;
    this.#filed = filed;
    this.stillHeld();
    await ledger.fileAttempt(identity, attempt.id, filed, this.until);
    this.#arrived = JSON.stringify(filed);
  }

  async #write(record: KeyPairRecord): Promise<number> {
    this.stillHeld();
    const revision = await this.parts.ledger.write(record, this.#revision);
    if (revision === 'conflict') throw leaseLost();
    return revision;
  }
}

export const inProgress = (retryAfterMs: number) =>
  new VendingError('IN_PROGRESS', 'This name is being worked on', { retryAfterMs: Math.max(1_000, retryAfterMs) });

const leaseLost = () =>
  new VendingError('LEASE_LOST', 'This took too long, and its lease is over', { made: 'unknown' });
