// Virtual time, and who goes next. Everything that waits, waits at a point; one point at a time is let go, chosen by
// the seed, and then runs until it waits again. Nothing here takes real time.
import type { Random } from '../doubles/random.ts';

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

  /** Waits for its turn, `inMs` from now at the soonest. If the process dies meanwhile, it waits for ever. */
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

  /** Whether nobody waits. */
  get idle(): boolean {
    return this.#points.every(({ owner }) => !owner.alive);
  }

  /**
   * Lets one point after the other go until nobody waits, the next would come after `untilMs`, or it is `over`. Time
   * stops where the last one went.
   */
  async run(untilMs = Number.POSITIVE_INFINITY, over: () => boolean = () => false): Promise<void> {
    await everybodyWaits();
    while (!over()) {
      this.#points = this.#points.filter(({ owner }) => owner.alive);
      const nextMs = this.#points.reduce((soonest, point) => Math.min(soonest, dueMs(point)), Number.POSITIVE_INFINITY);
      if (this.#points.length === 0 || nextMs > untilMs) return;
      this.nowMs = Math.max(this.nowMs, nextMs);
      const chosen = this.#random.pick(this.#points.filter((point) => dueMs(point) <= this.nowMs));
      this.#points = this.#points.filter((point) => point !== chosen);
      chosen.go();
      await everybodyWaits();
    }
  }
}

const dueMs = ({ owner, atMs }: Point): number => Math.max(atMs, owner.frozenUntilMs);

/** A tick comes after the last promise that can go on by itself, and costs less than a turn of Node's own loop. */
const everybodyWaits = (): Promise<void> => new Promise((go) => process.nextTick(go));
