// One worker: a function's environment, with clocks of its own. It can die, and it can be frozen while the world goes on; then
// one of its clocks may have stood still.
import type { Clock } from '../../lib/clock.ts';
import type { Owner, Scheduler } from './scheduler.ts';

export class Process implements Owner, Clock {
  readonly name: string;
  alive = true;
  frozenUntilMs = 0;
  /** The port calls it has begun. */
  steps = 0;
  /** A name it has looked at, until what it does with that is over: it may be about to make a pair of it, or delete one. */
  looksAt: string | undefined;
  readonly #scheduler: Scheduler;
  readonly #skewMs: number;
  #wallStoodMs = 0;
  #monotonicStoodMs = 0;

  /** @param skewMs how far its wall clock is off */
  constructor(name: string, scheduler: Scheduler, skewMs: number) {
    this.name = name;
    this.#scheduler = scheduler;
    this.#skewMs = skewMs;
  }

  wallMs(): number {
    return this.#scheduler.nowMs + this.#skewMs - this.#wallStoodMs;
  }

  monotonicMs(): number {
    return this.#scheduler.nowMs - this.#monotonicStoodMs;
  }

  /** @param stands the clock that does not see it, if any */
  freeze(forMs: number, stands: 'wall' | 'monotonic' | 'none'): void {
    this.frozenUntilMs = this.#scheduler.nowMs + forMs;
    if (stands === 'wall') this.#wallStoodMs += forMs;
    if (stands === 'monotonic') this.#monotonicStoodMs += forMs;
  }
}
