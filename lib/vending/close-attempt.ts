// Ending an attempt that made nothing that lasts. Deletes are on record before they are sent.
import { VendingError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import { rowOf } from '../provider-table.ts';
import type { KeyPairProvider } from '../providers/provider.ts';
import type { AttemptLease } from './attempt-lease.ts';
import type { Ports } from './ports.ts';
import { type KeyPairRecord, secretIdentityOf, settledLater } from './record.ts';
import { findStoredKeys, removeStoredKey } from './stored-key.ts';

/**
 * Ends the attempt and leaves nothing of it behind.
 * @param final `now` when it cannot have made anything, `horizon` when its create may still land
 */
export async function closeAttempt(lease: AttemptLease, final: 'now' | 'horizon'): Promise<void> {
  const { attempt, settleAtMs: _over, ...rest } = lease.record;
  lease.assertHeld();
  const { clock, settings } = lease.ports;
  const untilMs = attempt.createdByMs + settings.horizonMs;
  const mayLand = final === 'horizon' && clock.wallMs() < untilMs;
  // Removes what was prepared for a key that never came. Nothing was prepared for a successor: its key goes into another key pair's secret,
  // and the next try may have the very same id; but where requests do not grow too old, only what was removed refuses what is late.
  const isLast = rest.versions.length === 0 && rest.successorOf === undefined;
  const isOver = final === 'horizon' && !mayLand;
  const removal = isLast || (isOver && settings.agelessRequests);
  const removed = removal ? removeStoredKey(lease.ports, secretIdentityOf(rest), attempt.id) : undefined;
  // Nobody comes again after this, and a key that arrived late may be in a secret whose deletion hides it. Else a failure does not matter.
  await (isOver ? removed : removed?.catch(() => {}));
  const closing = [...(rest.closing ?? []), ...(mayLand ? [{ untilMs, attempt }] : [])];
  const record: KeyPairRecord = {
    ...rest,
    state: 'vacant',
    ...settledLater(closing.sort((a, b) => a.untilMs - b.untilMs)),
    ...(isLast && secretDeletingUntil(lease.ports)),
  };
  await lease.end(record, { outcome: final === 'now' ? 'refused' : 'closed' });
}

/** Leaves the attempt open for the next worker, at `againAtMs`, and gives up the lease. */
export async function leaveOpen(
  lease: AttemptLease,
  againAtMs: number,
  change: { state?: 'conflict' } = {},
): Promise<void> {
  const { clock } = lease.ports;
  const over = { ...lease.record.attempt.lease, endsAtMs: clock.wallMs() };
  const attempt = { ...lease.record.attempt, lease: over };
  await lease.update({ ...lease.record, ...change, attempt, settleAtMs: againAtMs });
}

/**
 * Deletes the attempt's pair. Whether that took effect may stay unknown; the record then says until when it can. The same goes
 * for an earlier delete by name: it may still arrive, and then takes whichever pair has the name.
 * @param id the pair's, where it is known
 * @throws {VendingError} LEDGER_FENCED, and what the provider said; the pair may still be there
 */
export async function removePair(
  lease: AttemptLease,
  provider: KeyPairProvider,
  id: string | undefined,
): Promise<void> {
  const { clock, deployment, settings } = lease.ports;
  const { identity, attempt } = lease.record;
  await deployment.assertHome();
  const untilMs = deletingUntilMs(lease.ports, identity);
  const earlierMs = rowOf(provider.provider).removesBy === 'name' ? (attempt.deletingUntilMs ?? 0) : 0;
  await lease.update({ ...lease.record, attempt: { ...attempt, deletingUntilMs: Math.max(untilMs, earlierMs) } });
  await provider.remove(
    { region: identity.region, name: identity.name, ...(id === undefined ? {} : { id }) },
    lease.callLimits(settings.callTimeoutMs),
  );
  const { deletingUntilMs: _done, ...known } = lease.record.attempt;
  const mayArrive = earlierMs > clock.wallMs() ? { deletingUntilMs: earlierMs } : {};
  await lease.update({ ...lease.record, attempt: { ...known, ...mayArrive } });
}

/** After this moment a delete sent now has no effect, even by the clock of another worker, which may be ahead of ours. */
export const deletingUntilMs = ({ clock, settings }: Ports, { provider }: Pick<Identity, 'provider'>): number =>
  clock.wallMs() + settings.callTimeoutMs + settings.signatureWindowMs[provider] + settings.takeOverAfterMs;

/** After the last version of a secret was removed: until when the secret itself may still be taken by that. */
export const secretDeletingUntil = ({ clock, settings }: Ports): Pick<KeyPairRecord, 'secretDeletingUntilMs'> => ({
  secretDeletingUntilMs: clock.wallMs() + settings.horizonMs,
});

/** Closes an attempt whose pair was removed, once no delete can take the next pair of that name. */
export async function closeRemoved(lease: AttemptLease): Promise<void> {
  const { deletingUntilMs } = lease.record.attempt;
  return deletingUntilMs === undefined ? closeAttempt(lease, 'horizon') : leaveOpen(lease, deletingUntilMs);
}

/**
 * Ends an attempt that has made no pair, and takes its key back; both may still arrive.
 * @param hasKey whether one may be stored
 */
export async function takeBack(lease: AttemptLease, hasKey: boolean): Promise<void> {
  if (hasKey) await removeVersion(lease);
  await closeAttempt(lease, 'horizon');
}

/** Removes the attempt's secret version, and checks that it is gone. */
export async function removeVersion(lease: AttemptLease): Promise<void> {
  const { store } = lease.ports;
  const { attempt } = lease.record;
  const place = secretIdentityOf(lease.record);
  lease.assertHeld();
  await removeStoredKey(lease.ports, place, attempt.id);
  const secret = await findStoredKeys(store, place);
  if (secret?.versions.some(({ id }) => id === attempt.id)) {
    throw new VendingError('STORE_UNAVAILABLE', 'The secrets manager still shows a version that was removed');
  }
}
