// Virtual time, and who goes next. Everything that waits, waits at a point; one point at a time is let go, chosen by the seed, and
// then runs until it waits again. Nothing here takes real time.
import { setImmediate as turn } from 'node:timers/promises';
import type { Random } from '../random.ts';

/** Whoever waits: a process, or the network, which never dies. */
export interface Owner {
  readonly name: string;
  alive: boolean;
  /** Nothing of it goes on before this moment. */
  frozenUntilMs: number;
}

interface Point {
  readonly owner: Owner;
  readonly atMs: number;
  readonly go: () => void;
}

export const network: Owner = { name: 'network', alive: true, frozenUntilMs: 0 };

export class Scheduler {
  nowMs: number;
  readonly #random: Random;
  #points: Point[] = [];

  constructor(random: Random, startMs: number) {
    this.#random = random;
    this.nowMs = startMs;
  }

  /** Waits for its turn, `inMs` from now at the soonest. Of a process that dies meanwhile nothing goes on, for ever. */
  point(owner: Owner, inMs = 0): Promise<void> {
    return new Promise((go) => this.#points.push({ owner, atMs: this.nowMs + inMs, go }));
  }

  /** Like `point`, and `cancel` takes it back. */
  timer(inMs: number): { readonly over: Promise<void>; cancel(): void } {
    let point: Point | undefined;
    const over = new Promise<void>((go) => {
      point = { owner: network, atMs: this.nowMs + inMs, go };
      this.#points.push(point);
    });
    const cancel = () => {
      this.#points = this.#points.filter((other) => other !== point);
    };
    return { over, cancel };
  }

  /** When the next point comes up; undefined when nobody waits. */
  get nextMs(): number | undefined {
    const due = this.#points
      .filter(({ owner }) => owner.alive)
      .map(({ owner, atMs }) => Math.max(atMs, owner.frozenUntilMs));
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** Lets one point after the other go until nobody waits, or the next would come after `untilMs`. */
  async run(untilMs = Number.POSITIVE_INFINITY): Promise<void> {
    await turn();
    for (;;) {
      this.#points = this.#points.filter(({ owner }) => owner.alive);
      const nextMs = this.nextMs;
      if (nextMs === undefined || nextMs > untilMs) return;
      this.nowMs = Math.max(this.nowMs, nextMs);
      const ready = this.#points.filter(({ owner, atMs }) => Math.max(atMs, owner.frozenUntilMs) <= this.nowMs);
      const chosen = this.#random.pick(ready);
      this.#points = this.#points.filter((point) => point !== chosen);
      chosen.go();
      await turn();
    }
  }
}
