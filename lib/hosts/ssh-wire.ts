// One socket to a host, and the reason why it ended. Whatever happens on it, it ends.
import type { Socket } from 'node:net';
import { type Clock, type Deadline, leftMs } from '../clock.ts';
import { type Destination, dial } from './dial.ts';
import { forbidden } from './host-rules.ts';
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
  readonly socket: Socket;
  /** Fulfilled when the socket is closed, for whatever reason. */
  readonly over: Promise<void>;
  /** Why it ended, where that was not `close`. */
  failure: Error | undefined;
  stage: LoginStage = 'connecting';
  readonly #limits: Limits;
  #timer: NodeJS.Timeout | undefined;

  constructor(to: Destination, limits: Limits) {
    this.#limits = limits;
    // A socket of our own: ssh2 does not destroy one that it has already ended, so one whose far side is silent would stay.
    this.socket = dial(to, () => this.fail(forbidden()));
    this.socket.on('error', () => {}); // ssh2 reports it; this is for the moments when it does not listen
    this.over = new Promise((resolve) => this.socket.once('close', () => resolve()));
    void this.over.then(() => clearTimeout(this.#timer));
    this.enter('connecting', limits.connectMs);
  }

  get closed(): boolean {
    return this.socket.destroyed;
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
   * Ends the socket when this time or the deadline is over.
   * @param why the reason, where it was not the deadline; by default that the stage took too long
   * @returns the timer to clear
   */
  endIn(most?: number, why: () => Error | undefined = () => undefined): NodeJS.Timeout {
    const end = () => this.fail((this.left() > 0 ? why() : undefined) ?? tooLate(this.stage));
    return setTimeout(end, this.left(most));
  }

  /** The first reason counts. What was handed to the system and not sent yet is dropped: nothing may reach the host later. */
  fail(error: Error): void {
    this.failure ??= error;
    if (this.socket.connecting || this.socket.destroyed) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.socket.destroySoon();
    const patience = setTimeout(() => this.socket.destroy(), 1_000); // for a far side that reads nothing more
    await this.over;
    clearTimeout(patience);
  }
}
