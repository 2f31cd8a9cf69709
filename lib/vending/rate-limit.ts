// Keeping to the cloud's rate, however many functions run: a permit for a second, acquired in the ledger right before what it is for.
import { VendingError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { AttemptLease } from './attempt-lease.ts';
import type { Ports } from './ports.ts';

/** So close to a second's end no permit of it is acquired: the call would arrive in the next, where it does not count. */
const LATE_MS = 150;
/** Of what the cloud takes of an action, what housekeeping leaves to those who are waited for. */
const LEFT_TO_CALLERS = 0.2;

/** What the turn of most housekeeping is about: whether a pair is there. */
export const READ_PAIRS = 'pairs';

type Pacing = Pick<Ports, 'ledger' | 'clock' | 'settings' | 'wait'>;
type Account = Pick<Identity, 'provider' | 'account'>;

/**
 * Waits for a create's permit of this second, or of the following ones while there is time.
 * @throws {VendingError} THROTTLED with the time to wait; nothing was sent
 */
export async function acquirePermit(lease: AttemptLease): Promise<void> {
  const { provider, account } = lease.record.identity;
  const { callsPerSecond, createTimeoutMs, callTimeoutMs } = lease.ports.settings;
  const rate = callsPerSecond[provider];
  if (rate === undefined) return;
  const left = () => lease.leftToAnswerMs() - createTimeoutMs - callTimeoutMs;
  const tooLateMs = await permit(lease.ports, `${provider}/${account}`, rate, left);
  if (tooLateMs === undefined) return;
  throw new VendingError('THROTTLED', 'Too many key pairs are being made', { retryAfterMs: 1_000 + tooLateMs });
}

/**
 * Waits for the turn of one call that nobody waits for: a read of key pairs, unless an action is named.
 * @param left how long it may wait, in milliseconds
 * @returns whether it has come
 * @throws {VendingError} LEDGER_UNAVAILABLE
 */
export async function takeTurn(
  ports: Pacing,
  { provider, account }: Account,
  left: () => number,
  action = READ_PAIRS,
): Promise<boolean> {
  const rate = ports.settings.callsPerSecond[provider];
  if (rate === undefined) return true;
  const most = Math.max(1, Math.floor(rate * (1 - LEFT_TO_CALLERS)));
  return (await permit(ports, `${provider}/${account}/${action}`, most, left)) === undefined;
}

/** A part of a minute, by chance: for what was refused together, and is not to come again together. */
export const spreadMs = ({ newId }: Pick<Ports, 'newId'>): number =>
  Math.round(60_000 * (Number.parseInt(newId().slice(0, 8), 16) / 2 ** 32));

/** @returns undefined with a permit; or the milliseconds to the next second, which is too late */
async function permit(
  { ledger, clock, wait }: Pacing,
  group: string,
  rate: number,
  left: () => number,
): Promise<number | undefined> {
  for (;;) {
    const nowMs = clock.wallMs();
    const second = Math.floor(nowMs / 1_000);
    const early = nowMs % 1_000 < 1_000 - LATE_MS;
    if (early && (await ledger.tryAcquire(`${group}/${second}`, rate, (second + 60) * 1_000))) return undefined;
    const untilNextMs = Math.max(1, (second + 1) * 1_000 - clock.wallMs());
    if (left() < untilNextMs) return untilNextMs;
    await wait(untilNextMs);
  }
}
