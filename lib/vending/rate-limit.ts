// Keeping to the cloud's rate, however many functions run: a permit for a second, acquired in the ledger right before what it is for.
import { VendingError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { AttemptLease } from './attempt-lease.ts';
import type { Ports } from './ports.ts';

/** So close to a second's end no permit of it is acquired: the call would arrive in the next, where it does not count. */
const LATE_MS = 150;
/** Of what the cloud takes of an action, what housekeeping leaves to those who are waited for. */
const LEFT_TO_CALLERS = 0.2;

type Pacing = Pick<Ports, 'ledger' | 'clock' | 'settings' | 'wait'>;
type Account = Pick<Identity, 'provider' | 'account'>;

/**
 * Waits for a create's permit of this second, or of the following ones while there is time.
 * @throws {VendingError} THROTTLED with the time to wait; nothing was sent
 */
export async function acquirePermit(lease: AttemptLease): Promise<void> {
  const { settings } = lease.ports;
  const { identity } = lease.record;
  const rate = settings.callsPerSecond[identity.provider];
  if (rate === undefined) return;
  const needMs = settings.createTimeoutMs + settings.callTimeoutMs;
  await waitForPermit(
    lease.ports,
    `${identity.provider}/${identity.account}`,
    rate,
    () => lease.leftToAnswerMs() - needMs,
  );
}

/**
 * Waits for the turn of one key pair's housekeeping, which asks the cloud once or twice for each of a few actions.
 * @param leftMs how long it may wait
 * @throws {VendingError} THROTTLED with the time to wait; nothing was sent
 */
export async function takeTurn(ports: Pacing, { provider, account }: Account, leftMs: () => number): Promise<void> {
  const rate = ports.settings.callsPerSecond[provider];
  if (rate === undefined) return;
  const most = Math.max(1, Math.floor(rate * (1 - LEFT_TO_CALLERS)));
  await waitForPermit(ports, `${provider}/${account}/housekeeping`, most, leftMs);
}

async function waitForPermit(
  { ledger, clock, wait }: Pacing,
  group: string,
  rate: number,
  leftMs: () => number,
): Promise<void> {
  for (;;) {
    const nowMs = clock.wallMs();
    const second = Math.floor(nowMs / 1_000);
    const early = nowMs % 1_000 < 1_000 - LATE_MS;
    if (early && (await ledger.tryAcquire(`${group}/${second}`, rate, (second + 60) * 1_000))) return;
    const untilNextMs = Math.max(1, (second + 1) * 1_000 - clock.wallMs());
    if (leftMs() - untilNextMs < 0) {
      throw new VendingError('THROTTLED', 'Too many key pairs are being made', { retryAfterMs: 1_000 + untilNextMs });
    }
    await wait(untilNextMs);
  }
}
