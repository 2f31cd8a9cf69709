// What is going to happen, and how often what has happened.
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../tests/doubles/random.ts';

export class Agenda {
  readonly events: Record<string, number> = {};
  readonly random: Random;
  readonly #clock: Clock;
  readonly #planned: { readonly atMs: number; readonly act: () => unknown }[] = [];

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.random = random;
  }

  get nowMs(): number {
    return this.#clock.wallMs();
  }

  get nextMs(): number {
    return this.#planned[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  in(ms: number, act: () => unknown): void {
    this.#planned.push({ atMs: this.nowMs + ms, act });
    this.#planned.sort((a, b) => a.atMs - b.atMs);
  }

  /** Up to so many times, at any moments of the time that follows. */
  some(most: number, withinMs: number, act: () => unknown): void {
    for (let i = this.random.below(most + 1); i > 0; i -= 1) this.in(this.random.below(withinMs), act);
  }

  async goOn(): Promise<void> {
    while (this.nextMs <= this.nowMs) await this.#planned.shift()!.act();
  }

  counted(what: string): void {
    this.events[what] = (this.events[what] ?? 0) + 1;
  }
}
