// What was really sent, for tests to look at: no parameter's value but the pair's name, and never a key.

export interface LoggedRequest {
  /** On the server's clock. */
  readonly at: string;
  /** Empty where the request named none that exists. */
  readonly service: string;
  readonly action: string;
  readonly region: string;
  /** The pair's name, or the names or ids of several, joined by commas. */
  readonly name: string;
  readonly requestId: string;
  /** The error code of the answer; empty for a success. */
  readonly code: string;
  /** 0 when there was no answer. */
  readonly status: number;
  /** TCP connections are counted from 1. */
  readonly connection: number;
  /** Whether the connection had carried a request before. */
  readonly reused: boolean;
  /** The kind of fault done to it. */
  readonly fault?: string;
}

/** The last `most` requests, oldest first. */
export class RequestLog {
  readonly #most: number;
  #entries: LoggedRequest[] = [];

  constructor(most = 10_000) {
    this.#most = most;
  }

  add(entry: LoggedRequest): void {
    this.#entries.push(entry);
    // Cut in large steps: shifting one by one would move the whole list on every request.
    if (this.#entries.length >= 2 * this.#most) this.#entries = this.#entries.slice(-this.#most);
  }

  list(): readonly LoggedRequest[] {
    return this.#entries.slice(-this.#most);
  }

  clear(): void {
    this.#entries = [];
  }
}
