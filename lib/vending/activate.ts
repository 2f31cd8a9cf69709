// The one write that makes a key pair count.
import { DAY_MS } from '../clock.ts';
import type { Filed } from '../ledger/ledger.ts';
import { agePlan } from './age-plan.ts';
import { idOf, type Version } from './attempt.ts';
import type { AttemptLease } from './attempt-lease.ts';
import { type KeyPairRecord, settledLater } from './record.ts';

/**
 * Adds the open attempt's version, and marks what must still follow: the reader's label and the announcement.
 * @param labelled whether readers get this version already, because it is the first
 */
export async function activate(
  lease: AttemptLease,
  made: Omit<Version, 'id' | 'activatedAtMs'>,
  labelled: boolean,
): Promise<Filed<KeyPairRecord>> {
  const { attempt, settleAtMs: _over, secretDeletingUntilMs: until = 0, ...rest } = lease.record;
  const { clock, settings } = lease.ports;
  const activatedAtMs = clock.wallMs();
  const secretDeletingUntilMs = until > activatedAtMs ? until : undefined;
  const { maxAgeMs = 0, ageSpread: spread = 0 } = settings;
  const version = { ...made, id: attempt.id, activatedAtMs };
  const aging = { identity: rest.identity, version, age: maxAgeMs / DAY_MS, spread };
  const plan = maxAgeMs > 0 ? agePlan(aging, activatedAtMs) : undefined;
  const record: KeyPairRecord = {
    ...rest,
    state: 'active',
    versions: [...rest.versions, version],
    ...settledLater(rest.closing ?? [], secretDeletingUntilMs),
    ...(secretDeletingUntilMs === undefined ? {} : { secretDeletingUntilMs }),
    // A successor is not announced, and no reader gets it, before its rotation is promoted.
    ...(rest.successorOf === undefined && {
      unannounced: attempt.id,
      ...(labelled ? {} : { unlabelled: attempt.id }),
      announceAtMs: activatedAtMs,
      ...(plan && { agePlan: plan, rotateAtMs: plan.atMs }),
    }),
  };
  return lease.end(record, { outcome: 'made', ...idOf(made), fingerprint: made.fingerprint });
}
