// An answer when the time is up, whatever the work is still doing. What it has begun is on record and is settled later.
import { VendingError } from '../errors.ts';

/** When to ask again: the work may well be done by then. */
const ASK_AGAIN_MS = 5_000;

/**
 * @param leftMs how long the caller can be kept waiting
 * @throws {VendingError} OUTCOME_UNKNOWN when the work takes longer; it goes on
 */
export async function inTime<T>(work: Promise<T>, leftMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const details = { effect: 'unknown', retryAfterMs: ASK_AGAIN_MS } as const;
      reject(new VendingError('OUTCOME_UNKNOWN', 'This takes longer than a request may take', details));
    }, leftMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {}); // a failure after the answer has nobody left to hear it but the log
  }
}
