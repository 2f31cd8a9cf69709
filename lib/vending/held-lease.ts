// A lease, as its holder sees it: until its end the holder may act, and nobody else does. Two clocks measure that end, because
// either of them may have stood still. The ledger fences off a holder that is late: every write there is conditional on what
// the holder read or wrote last. Each kind of lease says how (attempt-lease.ts, rotation/work-lease.ts).
import { type Clock, type Deadline, leftMs } from '../clock.ts';
import { VendingError } from '../errors.ts';
import type { CallLimits } from '../transport/wire.ts';

export class HeldLease {
  readonly until: Deadline;
  readonly #clock: Clock;

  constructor(clock: Clock, until: Deadline) {
    this.#clock = clock;
    this.until = until;
  }

  leftMs(): number {
    return leftMs(this.#clock, this.until);
  }

  /** Must be called in the same turn as the act that follows. @throws {VendingError} LEASE_LOST */
  assertHeld(): void {
    if (this.leftMs() <= 0) throw leaseLost('This took too long, and its lease is over');
  }

  /** @throws {VendingError} DEADLINE_PASSED when less time is left than the next step needs; the rest is due again at once */
  requireTime(ms: number): void {
    if (this.leftMs() < ms) throw new VendingError('DEADLINE_PASSED', 'Too little time was left for the next step');
  }

  /** The limits of one upstream call under this lease. @throws {VendingError} LEASE_LOST when there is no time left */
  callLimits(timeoutMs: number): CallLimits {
    this.assertHeld();
    return { timeoutMs: Math.min(timeoutMs, this.leftMs()), signBefore: this.until };
  }
}

/** Whatever the holder has sent may still be carried out. */
export const leaseLost = (what: string) => new VendingError('LEASE_LOST', what, { effect: 'unknown' });

/** For a caller or worker that comes while somebody else holds the lease. */
export const inProgress = (retryAfterMs: number) =>
  new VendingError('IN_PROGRESS', 'This name is being worked on', { retryAfterMs: Math.max(1_000, retryAfterMs) });
