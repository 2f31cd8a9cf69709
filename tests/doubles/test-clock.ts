// A clock that stands still until it is told to move.
import type { Clock } from '../../lib/clock.ts';

export interface TestClock extends Clock {
  /** Moves both readings, or one of them: the other stands still, as in a frozen process. */
  advance(ms: number, reading?: 'both' | 'wall' | 'monotonic'): void;
}

export function testClock(startMs = Date.parse('2026-03-01T12:00:00Z')): TestClock {
  let wall = startMs;
  let monotonic = 0;
  return {
    wallMs: () => wall,
    monotonicMs: () => monotonic,
    advance(ms, reading = 'both') {
      if (reading !== 'monotonic') wall += ms;
      if (reading !== 'wall') monotonic += ms;
    },
  };
}
