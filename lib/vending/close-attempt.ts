// Ending an attempt that made nothing that lasts. Deletes are on record before they are sent.
import { VendingError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { KeyPairProvider } from '../providers/provider.ts';
import type { Hold } from './attempt-lease.ts';
import type { Parts } from './ports.ts';
import { type KeyPairRecord, keptUnder, settledLater } from './record.ts';
import { keptOf, removeKept } from './stored-key.ts';

/**
 * Ends the attempt with nothing of it left.
 * @param final `now` when it cannot have made anything, `horizon` when its create may still land
 */
export async function close(hold: Hold, final: 'now' | 'horizon'): Promise<void> {
  const { attempt, settleAtMs: _over, ...rest } = hold.record;
  hold.stillHeld();
  // What was prepared for a key that never came. Whatever comes of it, no key is in there. For a successor nothing was: its place is
  // another's, and the next try may have the very same id.
  if (rest.versions.length === 0 && rest.successorOf === undefined)
    await removeKept(hold.parts.store, keptUnder(rest), attempt.id).catch(() => {});
  const untilMs = attempt.createdByMs + hold.parts.settings.horizonMs;
  const mayLand = final === 'horizon' && hold.parts.clock.wallMs() < untilMs;
  const closing = [...(rest.closing ?? []), ...(mayLand ? [{ untilMs, attempt }] : [])];
  const record: KeyPairRecord = {
    ...rest,
    state: 'vacant',
    ...settledLater(closing.sort((a, b) => a.untilMs - b.untilMs)),
  };
  await hold.end(record, { outcome: final === 'now' ? 'refused' : 'closed' });
}

/** Leaves the attempt open for whoever comes at `againAtMs`, and gives the lease up. */
export async function leaveOpen(hold: Hold, againAtMs: number, change: { state?: 'conflict' } = {}): Promise<void> {
  const { clock } = hold.parts;
  const lease = { ...hold.record.attempt.lease, endsAtMs: clock.wallMs() };
  const attempt = { ...hold.record.attempt, lease };
  await hold.update({ ...hold.record, ...change, attempt, settleAtMs: againAtMs });
}

/**
 * Deletes the attempt's pair. Whether that took effect may stay unknown; then the record says until when it can. So it does of an
 * earlier delete by name: it may still arrive, and then takes whatever has the name.
 * @param id the pair's, where it is known
 * @throws {VendingError} what the provider said; the pair may be there still
 */
export async function removePair(hold: Hold, provider: KeyPairProvider, id: string | undefined): Promise<void> {
  const { clock, settings } = hold.parts;
  const { identity, attempt } = hold.record;
  const untilMs = deletingUntilMs(hold.parts, identity);
  const earlierMs = provider.removesBy === 'name' ? (attempt.deletingUntilMs ?? 0) : 0;
  await hold.update({ ...hold.record, attempt: { ...attempt, deletingUntilMs: Math.max(untilMs, earlierMs) } });
  await provider.remove(
    { region: identity.region, name: identity.name, ...(id === undefined ? {} : { id }) },
    hold.call(settings.callTimeoutMs),
  );
  const { deletingUntilMs: _done, ...known } = hold.record.attempt;
  const mayArrive = earlierMs > clock.wallMs() ? { deletingUntilMs: earlierMs } : {};
  await hold.update({ ...hold.record, attempt: { ...known, ...mayArrive } });
}

/** After that, a delete that is sent now does nothing any more: by the clock of whoever reads it, which may be ahead of ours. */
export const deletingUntilMs = ({ clock, settings }: Parts, { provider }: Pick<Identity, 'provider'>): number =>
  clock.wallMs() + settings.callTimeoutMs + settings.signatureWindowMs[provider] + settings.takeOverAfterMs;

/** Closes an attempt whose pair was removed, once no delete can take the next one of that name. */
export async function closeRemoved(hold: Hold): Promise<void> {
  const { deletingUntilMs } = hold.record.attempt;
  return deletingUntilMs === undefined ? close(hold, 'horizon') : leaveOpen(hold, deletingUntilMs);
}

/** Removes the attempt's secret version, and looks whether it is gone. */
export async function removeVersion(hold: Hold): Promise<void> {
  const { store } = hold.parts;
  const { attempt } = hold.record;
  const place = keptUnder(hold.record);
  hold.stillHeld();
  await removeKept(store, place, attempt.id);
  const kept = await keptOf(store, place);
  if (kept?.versions.some(({ id }) => id === attempt.id)) {
    throw new VendingError('STORE_UNAVAILABLE', 'The secrets manager still shows a version that was removed');
  }
}
