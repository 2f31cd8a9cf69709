// What one vend asks of whom, and in which order: the plan of the floor, and the proof that the usual handler does the same.
import type { IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Host } from './hosts.ts';

export interface Call {
  readonly host: Host;
  readonly action: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** The size of the request's headers. */
  readonly headBytes: number;
  readonly bodyBytes: number;
  readonly answerBytes: number;
  /** How many answers had been given when this was asked; equal numbers were asked at the same time. */
  readonly after: number;
}

/** While calls are recorded each answer takes this long, so that what is asked side by side can be told from what is not. */
const LATENCY_MS = 60;

export class Recorder {
  #calls: Call[] | undefined;
  #answered = 0;

  begin(): Call[] {
    this.#answered = 0;
    this.#calls = [];
    return [];
  }

  end(): Call[] {
    const calls = this.#calls ?? [];
    this.#calls = undefined;
    return calls;
  }

  /** @returns to be awaited before the answer goes out; undefined while nothing is recorded */
  arrived(host: Host, { method = '', url: path = '', rawHeaders }: IncomingMessage) {
    const calls = this.#calls;
    if (calls === undefined) return undefined;
    const after = this.#answered;
    const headBytes = rawHeaders.reduce((bytes, word) => bytes + word.length + 2, 0); // a colon and a blank, or a line's end
    return async (rest: Pick<Call, 'action' | 'bodyBytes' | 'answerBytes'>): Promise<void> => {
      calls.push({ host, method, path, headBytes, after, ...rest });
      await wait(LATENCY_MS);
      this.#answered += 1;
    };
  }
}
