// What is refused before a route is known, in the words of every other refusal.
import type { HttpResponse } from '../application/http.ts';
import { problemOf } from '../contract/problem-of.ts';
import type { VendingError } from '../errors.ts';

export function refusal(error: VendingError): HttpResponse {
  const problem = problemOf(error);
  const waitMs = error.retryAfterMs;
  return {
    status: problem.status,
    headers: {
      ...{ 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
      ...(waitMs !== undefined && { 'retry-after': String(Math.ceil(waitMs / 1_000)) }),
    },
    body: JSON.stringify(problem),
  };
}
