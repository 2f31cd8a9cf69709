// What crosses the line to a cloud, and what it means when nothing comes back.
import type { IncomingHttpHeaders } from 'node:http';
import type { Deadline } from '../clock.ts';

/** The limits of one call. */
export interface CallLimits {
  /** From the call to the whole answer, for each request it makes, in milliseconds. */
  readonly timeoutMs: number;
  /** No request is signed after this moment: what is signed can take effect for as long as the cloud takes signatures. */
  readonly signBefore?: Deadline;
  readonly signal?: AbortSignal;
  /** Called when the request is written, if it ever is. */
  readonly onSent?: () => void;
}

export interface WireRequest {
  /** `https://host[:port]`; plain `http` goes to loopback only. */
  readonly origin: string;
  /** How long a connection to it may have been idle and is still written to. Default the transport's. */
  readonly maxIdleMs?: number;
  /** Default `POST`. */
  readonly method?: 'GET' | 'POST';
  /** Path and query, encoded as they are signed. */
  readonly path: string;
  readonly body: Buffer;
  /** Returns all headers. Called once, when the connection is up, in the same turn as the check of `signBefore`. */
  sign(nowMs: number): Record<string, string>;
}

/** A whole answer, whatever its status. `body` may hold a private key. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export type NoAnswerReason = 'cancelled' | 'deadline' | 'timeout' | 'connection' | 'truncated' | 'oversized';

/** No whole answer came. `sent` tells whether the cloud can have seen the request; a network error's code is kept. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly sent: boolean;
  readonly reason: NoAnswerReason;
  readonly networkCode: string | undefined;

  constructor(reason: NoAnswerReason, sent: boolean, networkCode?: string) {
    super(`${reason}${networkCode === undefined ? '' : ` ${networkCode}`} ${sent ? 'after' : 'before'} sending`);
    this.reason = reason;
    this.sent = sent;
    this.networkCode = networkCode;
  }
}

export interface Transport {
  /** @throws {NoAnswer} when no whole answer came */
  send(request: WireRequest, call: CallLimits): Promise<WireAnswer>;
  /**
   * Opens connections ahead of requests that are about to be sent, beside whatever else is to be done first. They hold no process.
   * @param count how many there should be that nobody uses; those that were kept from earlier requests count
   */
  connectEarly?(to: Pick<WireRequest, 'origin' | 'maxIdleMs'>, count: number): void;
  /** Closes idle connections. */
  close(): void;
}
