// A clock that jumps from one thing that is waited for to the next: hours of waiting take as long as what is done in them.
import type { Clock } from '../../lib/clock.ts';

export class VirtualTime implements Clock {
  #nowMs = Date.parse('2026-03-01T12:00:00Z');
  readonly #waiting: { readonly atMs: number; go(): void }[] = [];

  wallMs = (): number => this.#nowMs;
  monotonicMs = (): number => this.#nowMs;

  wait = (ms: number): Promise<void> =>
    new Promise((go) => {
      this.#waiting.push({ atMs: this.#nowMs + ms, go });
    });

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  /** Lets the work be done. Nothing in it may wait for anything but this clock. @returns how long it took, in milliseconds */
  async run(work: Promise<unknown>): Promise<number> {
    const began = this.#nowMs;
    let over = false;
    const end = () => {
      over = true;
    };
    work.then(end, end);
    for (;;) {
      await new Promise(setImmediate); // whatever can go on has done so by then
      if (over) break;
      this.#waiting.sort((a, b) => a.atMs - b.atMs);
      const next = this.#waiting.shift();
      if (next === undefined) throw new Error('the work waits for something else than the clock');
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.go();
    }
    await work;
    return this.#nowMs - began;
  }
}
