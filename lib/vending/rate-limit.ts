// Keeping to the cloud's rate, however many functions run: a permit for a second, acquired in the ledger right before a create.
import { VendingError } from '../errors.ts';
import type { AttemptLease } from './attempt-lease.ts';

/** So close to a second's end no permit of it is acquired: the create would arrive in the next, where it does not count. */
const LATE_MS = 150;

/**
 * Waits for a permit of this second, or of the following ones while there is time.
 * @throws {VendingError} THROTTLED with the time to wait; nothing was sent
 */
export async function acquirePermit(lease: AttemptLease): Promise<void> {
  const { ledger, clock, settings, wait } = lease.ports;
  const { provider, account } = lease.record.identity;
  const rate = settings.createsPerSecond[provider];
  if (rate === undefined) return;
  for (;;) {
    const nowMs = clock.wallMs();
    const second = Math.floor(nowMs / 1_000);
    const early = nowMs % 1_000 < 1_000 - LATE_MS;
    if (early && (await ledger.tryAcquire(`${provider}/${account}/${second}`, rate, (second + 60) * 1_000))) return;
    const untilNextMs = Math.max(1, (second + 1) * 1_000 - clock.wallMs());
    if (lease.leftToAnswerMs() - untilNextMs < settings.createTimeoutMs + settings.callTimeoutMs) {
      throw new VendingError('THROTTLED', 'Too many key pairs are being made', { retryAfterMs: 1_000 + untilNextMs });
    }
    await wait(untilNextMs);
  }
}
