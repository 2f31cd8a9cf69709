// After a step failed: what is written down, and when the step is tried again.
import { VendingError } from '../../errors.ts';
import { gotOn } from './got-on.ts';
import type { Work } from './rotation-record.ts';
import type { WorkLease } from './work-lease.ts';

export const FIRST_PAUSE_MS = 30_000;
export const LONGEST_PAUSE_MS = 60 * 60_000;
/** What has failed for so long does not get on by itself: somebody is told. */
export const STALLED_MS = 60 * 60_000;

/** @param failures so many before this one */
export const pauseMs = (failures: number): number => Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);

const failing = ({ lastError, failingSinceMs }: Work): Pick<Work, 'lastError' | 'failingSinceMs'> => ({
  ...(lastError && { lastError }),
  ...(failingSinceMs !== undefined && { failingSinceMs }),
});

/**
 * Writes down what failed, and when it is tried again. Running out of time is a failure like others, unless something was done
 * until then: a try that can never get to its first step would otherwise be repeated without a pause. If that cannot be written, the
 * work is due once the lease is over.
 */
export async function putOff<W extends Work>(lease: WorkLease<W>, error: unknown, handed = false): Promise<void> {
  const nowMs = lease.ports.clock.wallMs();
  const { failures } = lease.work;
  const known = error instanceof VendingError ? error : undefined;
  const outOfTime = known?.code === 'DEADLINE_PASSED' && gotOn(lease.taken, lease.record);
  const afterMs = Math.max(pauseMs(failures), known?.retryAfterMs ?? 0);
  const next = handed ? {} : { nextTryAtMs: nowMs + (outOfTime ? 0 : afterMs) };
  const lastError = { code: known?.code ?? ('INTERNAL' as const), atMs: nowMs };
  const { failingSinceMs = nowMs } = lease.work;
  const failed = { failures: failures + 1, lastError, failingSinceMs, ...next };
  await lease
    .release(outOfTime ? { ...failing(lease.work), failures, ...next } : failed, nowMs - failingSinceMs >= STALLED_MS)
    .catch(() => undefined);
}
