// Many at once: each item is answered as if it had been sent by itself, and what fails holds up none of the others.
import { movedBelow, problemOf } from '../contract/problem-of.ts';
import { VendingError } from '../errors.ts';
import type { ApiAnswer, HttpRequest } from './http.ts';

export interface Outcome {
  readonly status: number;
  readonly location?: string;
  readonly problem?: ReturnType<typeof problemOf>;
  /** Seconds. */
  readonly retryAfter?: number;
  readonly body?: unknown;
}

export interface Many {
  /** Where the list is in the body: `/keyPairs`. */
  readonly at: string;
  /** How many are under way at a time. */
  readonly atOnce: number;
  /** Milliseconds that are left for all of them. */
  leftMs(): number;
  /** Less than this is not enough to begin one. */
  readonly leastMs: number;
  /** Reports a failure: what of them is answered is in nobody's log otherwise. */
  failed(error: unknown): void;
}

/** @param answer what one item is answered; it may throw @returns in the order of the items */
export async function outcomesOf<I>(
  request: Pick<HttpRequest, 'base'>,
  items: readonly I[],
  answer: (item: I, leftMs: number) => Promise<ApiAnswer>,
  { at, atOnce, leftMs, leastMs, failed }: Many,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const rest = items.entries();
  const worker = async () => {
    for (const [i, item] of rest) {
      try {
        if (leftMs() < leastMs) throw new VendingError('DEADLINE_PASSED', 'The others took all of the time');
        const { status, headers, body } = await answer(item, leftMs());
        const location = headers?.location;
        outcomes[i] = { status, ...(location && { location: `${request.base ?? ''}${location}` }), body };
      } catch (error) {
        failed(error);
        const problem = problemOf(movedBelow(`${at}/${i}`, error));
        const waitMs = error instanceof VendingError ? error.retryAfterMs : undefined;
        outcomes[i] = {
          ...{ status: problem.status, problem },
          ...(waitMs !== undefined && { retryAfter: Math.ceil(waitMs / 1_000) }),
        };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return outcomes;
}
