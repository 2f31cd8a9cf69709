// Time is passed in, never taken: tests and the simulation bring their own clock.

/** Two readings in milliseconds. Either may stand still while a process is frozen, so a deadline looks at both. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z; may jump. */
  wallMs(): number;
  /** Milliseconds since some fixed moment; never goes back. */
  monotonicMs(): number;
}

/** A moment after which something must not be done any more, on both readings of the clock that made it. */
export interface Deadline {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

export const DAY_MS = 24 * 60 * 60_000;

/** Not `performance.now()`: the first access to `performance` loads nine of Node's modules, a millisecond of a cold start. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
};

/**
 * For the same reason, not node:timers/promises.
 * @param over ends it early, if it has not already; a timer that nobody waits for any more would hold what waits for it
 */
export const wait = (ms: number, over?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (over?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      over?.removeEventListener('abort', end); // it may outlive this by months
      resolve();
    };
    const timer = setTimeout(end, ms);
    over?.addEventListener('abort', end);
  });

/** @param afterMs milliseconds from now */
export const deadlineIn = (clock: Clock, afterMs: number): Deadline => ({
  wallMs: clock.wallMs() + afterMs,
  monotonicMs: clock.monotonicMs() + afterMs,
});

/** How long until the deadline in milliseconds, by the reading that is further on; 0 or less once it has passed. */
export const leftMs = (clock: Clock, deadline: Deadline): number =>
  Math.min(deadline.wallMs - clock.wallMs(), deadline.monotonicMs - clock.monotonicMs());
