// The lease on a record with an open attempt: only its holder changes anything, in the ledger or outside. The holder has the
// record to itself, so each write replaces the very revision that it wrote last.
import { type Deadline, deadlineIn, leftMs } from '../clock.ts';
import type { Filed } from '../ledger/ledger.ts';
import type { Attempt, OpenAttempt } from './attempt.ts';
import { fileRecord } from './file-record.ts';
import { HeldLease, inProgress, leaseLost } from './held-lease.ts';
import type { Ports } from './ports.ts';
import type { KeyPairRecord } from './record.ts';

/** A record whose attempt is open. */
export type OpenRecord = KeyPairRecord & { readonly attempt: OpenAttempt };

export class AttemptLease extends HeldLease {
  readonly ports: Ports;
  /** When a waiting caller must be answered; for recovery, the end of the lease. */
  readonly answerBy: Deadline;
  #record: OpenRecord;
  #revision: number;
  /** The attempt as it is on file, once this worker has read or written it. */
  #filed: Attempt | undefined;
  /** What is known to have been filed, as JSON: the same content need not be filed again. */
  #arrived: string | undefined;

  private constructor(
    ports: Ports,
    [until, answerBy]: [Deadline, Deadline | undefined],
    { record, revision }: Filed<KeyPairRecord>,
    filed: Attempt | undefined,
  ) {
    super(ports.clock, until);
    this.ports = ports;
    this.answerBy = answerBy ?? until;
    this.#record = record as OpenRecord;
    this.#revision = revision;
    this.#filed = filed;
  }

  /**
   * Writes a record that grants this worker a lease, in place of the revision that was read.
   * @param filed the record as it was read
   * @param make receives the lease and returns the record
   * @param times when a waiting caller must be answered, and when the lease ends; by default a whole lease from now
   * @param attempt where the caller has just filed it
   * @throws {VendingError} IN_PROGRESS when somebody else was faster
   */
  static async take(
    ports: Ports,
    filed: Filed<KeyPairRecord> | undefined,
    make: (granted: OpenAttempt['lease']) => OpenRecord,
    times: { readonly answerBy?: Deadline; readonly until?: Deadline } = {},
    attempt?: Attempt,
  ): Promise<AttemptLease> {
    const until = times.until ?? deadlineIn(ports.clock, ports.settings.leaseMs);
    const record = make({ holder: ports.newId(), endsAtMs: until.wallMs });
    const written = await fileRecord(ports, filed, record);
    if (written === 'conflict') throw inProgress(ports.settings.leaseMs);
    return new AttemptLease(ports, [until, times.answerBy], written, attempt);
  }

  get record(): OpenRecord {
    return this.#record;
  }

  /** What the attempt's own record says that its pair's tag says. */
  get tag(): string | undefined {
    return this.#filed?.tag;
  }

  leftToAnswerMs(): number {
    return Math.min(this.leftMs(), leftMs(this.ports.clock, this.answerBy));
  }

  /** Replaces the record and keeps the lease. @throws {VendingError} LEASE_LOST when somebody else holds it by now */
  async update(record: OpenRecord): Promise<void> {
    const written = await this.#write(record);
    this.#revision = written.revision;
    this.#record = written.record as OpenRecord;
  }

  /** Replaces the record and ends the attempt. @returns what is on record now */
  async end(record: KeyPairRecord, attempt: Partial<Attempt>): Promise<Filed<KeyPairRecord>> {
    await this.file(attempt); // first: other items are written before the record that says something about them
    const ended = await this.#write(record);
    if (attempt.outcome === 'refused') await this.#forget().catch(() => {}); // then it stays on file, which does no harm
    return ended;
  }

  /** What was refused has made nothing, so it proves nothing. Not before the record is rid of it: until then a settling finds that it was refused. */
  async #forget(): Promise<void> {
    const { ledger, settings } = this.ports;
    const { identity, attempt } = this.#record;
    const untilMs = attempt.createdByMs + settings.horizonMs;
    await ledger.fileAttempt(identity, attempt.id, this.#filed!, this.until, untilMs);
  }

  /** Files what became of the attempt, if it ever was on file. A change that could not be filed is filed with the next one. */
  async file(change: Partial<Attempt>): Promise<void> {
    this.assertHeld();
    const { ledger } = this.ports;
    const { identity, attempt } = this.#record;
    const known = this.#filed ?? (await ledger.attempts(identity)).get(attempt.id);
    // Whoever opened it died before it was on file, and so before anything was sent: it explains no pair, and must not seem to.
    if (known === undefined) return;
    const filed = { ...known, ...change };
    if (JSON.stringify(filed) === this.#arrived) return;
    this.#filed = filed;
    this.assertHeld();
    await ledger.fileAttempt(identity, attempt.id, filed, this.until);
    this.#arrived = JSON.stringify(filed);
  }

  async #write(record: KeyPairRecord): Promise<Filed<KeyPairRecord>> {
    this.assertHeld();
    const written = await fileRecord(this.ports, { record: this.#record, revision: this.#revision }, record);
    if (written === 'conflict') throw leaseLost('Another worker has changed this record');
    return written;
  }
}
