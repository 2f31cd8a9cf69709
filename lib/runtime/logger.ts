// One JSON line per thing worth knowing: ids, names, codes and durations. Never an event, a request's input or an answer.
import { Logger } from '@aws-lambda-powertools/logger';
import { VendingError } from '../errors.ts';

export const logger = new Logger({ serviceName: 'keyvend' });

/** Codes and ids of a failure; of what is not ours, only what kind of error it is: its message may hold anything. */
export function logFailure(error: unknown): void {
  if (error instanceof VendingError) {
    const { code, effect, upstreamCode, requestId, retryAfterMs } = error;
    logger.warn('failed', { code, effect, upstreamCode, upstreamRequestId: requestId, retryAfterMs });
  } else {
    logger.error('failed', { code: 'INTERNAL', kind: error instanceof Error ? error.name : typeof error });
  }
}
