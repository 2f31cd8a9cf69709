// The clock the clouds live by: the one that was passed in, set forward or back over the admin endpoint.
import type { Clock } from '../../lib/clock.ts';

export class ServerClock {
  readonly #clock: Clock;
  /** Milliseconds the server is ahead of the clock it was given. */
  offsetMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds since the epoch. */
  nowMs(): number {
    return this.#clock.wallMs() + this.offsetMs;
  }

  /** As the `Date` header has it. */
  httpDate(): string {
    return new Date(this.nowMs()).toUTCString();
  }
}
