// One worker: a function's environment, with clocks of its own. It can die, and it can be frozen while the world goes
// on; then one of its clocks may have stood still.
import type { Clock } from '../../lib/clock.ts';
import type { Owner, Scheduler } from './scheduler.ts';

export class Process implements Owner, Clock {
  readonly name: string;
  alive = true;
  frozenUntilMs = 0;
  /** What it has called through its ports. */
  readonly calls: string[] = [];
  /** The names it has looked at in the cloud, until its work is over: it may be about to make or delete such a pair. */
  readonly looksAt = new Set<string>();
  /** When what it last saw of a name was true. */
  readonly sawAtMs = new Map<string, number>();
  /** When it was told of a name that it is taken. */
  readonly taken = new Map<string, number>();
  /** Whether it may read stored keys. */
  readsKeys = true;
  /** Whether what it was asked to do is still under way. */
  working = true;
  /** Whether it was ever stopped. */
  wasFrozen = false;
  readonly beganAtMs: number;
  readonly #scheduler: Scheduler;
  readonly #skewMs: number;
  #wallStoodMs = 0;
  #monotonicStoodMs = 0;

  /** @param skewMs how far its wall clock is off */
  constructor(name: string, scheduler: Scheduler, skewMs: number) {
    this.name = name;
    this.beganAtMs = scheduler.nowMs;
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
    this.wasFrozen = true;
    this.frozenUntilMs = this.#scheduler.nowMs + forMs;
    if (stands === 'wall') this.#wallStoodMs += forMs;
    if (stands === 'monotonic') this.#monotonicStoodMs += forMs;
  }

  /** What it was asked to do is done. */
  done(): void {
    this.working = false;
    this.looksAt.clear();
  }
}
