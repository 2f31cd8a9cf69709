// Many at once: each item is answered as if it had been sent by itself, and what fails holds up none of the others.
import { deadlineIn, leftMs } from '../clock.ts';
import { movedBelow, problemOf } from '../contract/problem-of.ts';
import { VendingError } from '../errors.ts';
import { aboutOf } from './about.ts';
import type { ApiAnswer, ApiCall } from './http.ts';
import type { Records } from './runtime.ts';

interface Outcome {
  readonly status: number;
  readonly location?: string;
  readonly problem?: ReturnType<typeof problemOf>;
  /** Seconds. */
  readonly retryAfter?: number;
  /** What the item is, by its name: `keyPair`. */
  readonly [shownAs: string]: unknown;
}

export interface Many {
  /** Where the list is in the body: `/keyPairs`. */
  readonly at: string;
  /** What an outcome shows an item as: `keyPair`. */
  readonly shownAs: string;
  /** How many are under way at a time. */
  readonly atOnce: number;
  /** With less than this left, in milliseconds, none is begun. */
  readonly leastMs: number;
}

/**
 * Items tell one from another, so they take no Idempotency-Key, and none of them is given the one of the call.
 * @param answer what one item is answered; it may throw, and gets the call with the time that is left
 * @returns 207 with the outcomes, in the order of the items
 */
export async function answeredMany<I>(
  call: ApiCall,
  items: readonly I[],
  answer: (item: I, call: ApiCall) => Promise<ApiAnswer>,
  { at, shownAs, atOnce, leastMs }: Many,
  { clock, log }: Pick<Records, 'clock' | 'log'>,
): Promise<ApiAnswer> {
  const deadline = deadlineIn(clock, call.leftMs);
  const headers = new Map([...call.request.headers].filter(([name]) => name !== 'idempotency-key'));
  const request = { ...call.request, headers };
  const outcomes: Outcome[] = [];
  const rest = items.entries();
  const worker = async () => {
    for (const [i, item] of rest) {
      try {
        const left = leftMs(clock, deadline);
        if (left < leastMs) throw new VendingError('DEADLINE_PASSED', 'The others took all of the time');
        const { status, headers, body } = await answer(item, { ...call, request, leftMs: left });
        const location = headers?.location;
        outcomes[i] = {
          ...{ status, ...(location && { location: `${request.base ?? ''}${location}` }) },
          ...(body !== undefined && { [shownAs]: body }),
        };
      } catch (error) {
        log.failed(error, aboutOf(error)); // what of them is answered is in nobody's log otherwise
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
  return { status: 207, body: { outcomes } };
}
