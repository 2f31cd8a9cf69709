// A request in, an answer out, whatever carried it: the caller is verified, the request done, a failure reported as a problem.
import { anyone, type Principal } from '../access/principal.ts';
import { problemOf } from '../contract/problem-of.ts';
import { VendingError } from '../errors.ts';
import { challengeOf } from './challenge.ts';

export interface HttpRequest {
  readonly method: string;
  /** As the routes have it. */
  readonly path: string;
  /** What is put before such a path to make it a URL of the caller's: `/prod`, `../..` or nothing. */
  readonly base?: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly query: URLSearchParams;
  readonly body: string;
  /** By whatever carried it; for the trail. */
  readonly id?: string;
  /** Of whoever signed it, as the gateway says, where it checks that. */
  readonly signedBy?: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request whose caller is known. */
export interface ApiCall {
  readonly request: HttpRequest;
  readonly caller: Principal;
  /** Milliseconds until the answer must be there. */
  readonly leftMs: number;
}

export interface ApiAnswer {
  readonly status: number;
  /** JSON data. */
  readonly body: unknown;
  /** A `location` as the routes have it. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What one function answers. */
export interface Endpoint {
  answer(call: ApiCall): Promise<ApiAnswer>;
  /** Bytes. Default 16 KiB. */
  readonly longestBody?: number;
  /** Whether a request needs no token. */
  isOpen?(request: HttpRequest): boolean;
}

export interface Around {
  /**
   * Says who asks. @param leftMs how long that may take
   * @throws {VendingError} TOKEN_MISSING, TOKEN_REFUSED and the other codes of tokens, ISSUER_UNREACHABLE
   */
  verify(request: HttpRequest, leftMs: number): Promise<Principal>;
  /** Reports every failure: its code and ids, and never its input. */
  failed(error: unknown): void;
}

const LONGEST_BODY = 16 * 1024;
/** A gateway gives up at 30 s, and so does its caller. */
const LONGEST_MS = 29_000;
/** Reserved for saying how it ended. */
const RESERVE_MS = 500;

/**
 * @param read returns the request; it may throw a {VendingError}, such as TOO_LARGE, which is answered as well
 * @param leftMs milliseconds until nobody waits any more; asked again once the caller is known, which may take seconds
 */
export async function respond(
  read: (longestBody: number) => HttpRequest,
  leftMs: () => number,
  endpoint: Endpoint,
  { verify, failed }: Around,
): Promise<HttpResponse> {
  const usableMs = () => Math.min(LONGEST_MS, leftMs()) - RESERVE_MS;
  try {
    const request = read(endpoint.longestBody ?? LONGEST_BODY);
    const caller = endpoint.isOpen?.(request) ? anyone : await verify(request, usableMs());
    const { status, body, headers } = await endpoint.answer({ request, caller, leftMs: usableMs() });
    return response(status, 'application/json', body, {
      ...headers,
      ...(headers?.location && { location: `${request.base ?? ''}${headers.location}` }),
    });
  } catch (error) {
    failed(error);
    const problem = problemOf(error);
    const challenge = challengeOf(problem);
    const waitMs = error instanceof VendingError ? error.retryAfterMs : undefined;
    return response(problem.status, 'application/problem+json', problem, {
      ...(waitMs === undefined ? {} : { 'retry-after': String(Math.ceil(waitMs / 1_000)) }),
      ...(challenge === undefined ? {} : { 'www-authenticate': challenge }),
    });
  }
}

const response = (
  status: number,
  type: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse => ({
  status,
  headers: { 'content-type': type, 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body),
});
