// The line to a host, how long each stage of a login on it may take, and the reason why it ended. Whatever happens on it, it ends.
import { type Clock, type Deadline, leftMs } from '../clock.ts';
import type { Line } from './line.ts';
import { type LoginStage, tooLate } from './ssh-refusals.ts';

export interface Limits {
  readonly clock: Clock;
  readonly until: Deadline;
  readonly connectMs: number;
  /** From the connection to a known host. */
  readonly greetingMs: number;
  /** From there to an accepted key. */
  readonly loginMs: number;
  readonly commandMs: number;
  /** A command that prints more is given up. */
  readonly maxAnswerBytes: number;
}

/** The longest that setTimeout can wait. */
const longestMs = 2 ** 31 - 1;

export class Wire {
  readonly line: Line;
  /** Fulfilled when the line is closed, for whatever reason. */
  readonly over: Promise<void>;
  stage: LoginStage = 'connecting';
  readonly #limits: Limits;
  #failure: Error | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(line: Line, limits: Limits) {
    this.#limits = limits;
    this.line = line;
    this.over = line.over.then(() => clearTimeout(this.#timer));
    this.enter('connecting', limits.connectMs);
  }

  /** Why it ended, where that was not `close`. */
  get failure(): Error | undefined {
    return this.#failure ?? this.line.reason();
  }

  get closed(): boolean {
    return this.line.closed;
  }

  /** Milliseconds until the deadline, `most` at most; 0 or less once it has passed. */
  left(most = longestMs): number {
    return Math.min(leftMs(this.#limits.clock, this.#limits.until), most, longestMs);
  }

  /** @param most milliseconds that this stage may take; by default as long as there is time */
  enter(stage: LoginStage, most?: number): void {
    this.stage = stage;
    clearTimeout(this.#timer);
    this.#timer = this.endIn(most);
  }

  /**
   * Ends the line when this time or the deadline is over.
   * @param why the reason, where it was not the deadline; by default that the stage took too long
   * @returns the timer to clear
   */
  endIn(most?: number, why: () => Error | undefined = () => undefined): NodeJS.Timeout {
    const end = () => this.fail((this.left() > 0 ? why() : undefined) ?? tooLate(this.stage));
    return setTimeout(end, this.left(most));
  }

  /** The first reason counts. */
  fail(error: Error): void {
    this.#failure ??= this.line.reason() ?? error;
    this.line.cut();
  }

  close(): Promise<void> {
    return this.line.end();
  }
}
