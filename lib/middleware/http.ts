// What every HTTP function does around its one call: read the event, check the token, answer as JSON, tell failures as
// problems. A middy middleware: `before` puts what was read into the event, `after` and `onError` make the response.
import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import { problemOf } from '../contract/problem-of.ts';
import { VendingError } from '../errors.ts';
import { type HttpRequest, httpRequest } from './http-request.ts';

/** Who calls, by a verified token. */
export interface Caller {
  /** Issuer and subject; what the ledger keeps, and what idempotency keys are scoped to. */
  readonly id: string;
}

export interface Asked {
  readonly http: HttpRequest;
  readonly caller: Caller;
  /** Milliseconds the function may still take to answer. */
  readonly leftMs: number;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The gateway gives up at 30 s, and so does its caller. */
const LONGEST_MS = 29_000;
/** For telling how it ended. */
const RESERVE_MS = 500;

export interface HttpOptions {
  /** @throws {VendingError} TOKEN_MISSING, TOKEN_REFUSED, TOKEN_EXPIRED, TOKEN_AUDIENCE */
  readonly verify: (authorization: string | undefined) => Promise<Caller>;
  /** Bytes. Default 16 KiB. */
  readonly longestBody?: number;
  /** Routes that need no token. */
  readonly open?: (request: HttpRequest) => boolean;
  /** Told of every failure: its code and ids, and never its input. */
  readonly failed: (error: unknown) => void;
}

export const answersHttp = ({
  verify,
  open,
  failed,
  longestBody,
}: HttpOptions): MiddlewareObj<Asked, unknown, Error, Context> => ({
  async before(request) {
    const http = httpRequest(request.event, longestBody);
    const caller = open?.(http) ? { id: 'anyone' } : await verify(http.headers.get('authorization'));
    const leftMs = Math.min(LONGEST_MS, request.context.getRemainingTimeInMillis()) - RESERVE_MS;
    request.event = { http, caller, leftMs };
  },
  after(request) {
    const { status, body, headers } = request.response as Answer;
    request.response = response(status, 'application/json', body, headers);
  },
  onError(request) {
    failed(request.error);
    const problem = problemOf(request.error);
    const waitMs = request.error instanceof VendingError ? request.error.retryAfterMs : undefined;
    request.response = response(problem.status, 'application/problem+json', problem, {
      ...(waitMs === undefined ? {} : { 'retry-after': String(Math.ceil(waitMs / 1_000)) }),
      ...(problem.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    });
  },
});

const response = (statusCode: number, type: string, body: unknown, headers: Readonly<Record<string, string>> = {}) => ({
  statusCode,
  headers: { 'content-type': type, 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body),
  isBase64Encoded: false,
});
