// Vending as a write-ahead protocol: open, make (by-create.ts, by-import.ts), activate, announce. Whatever stops in between is settled
// by the next worker once the lease is over (settle.ts).
import { failures, VendingError } from '../errors.ts';
import { hasTags } from '../provider-table.ts';
import { quietly } from '../quietly.ts';
import { idOf, type Version } from './attempt.ts';
import type { AttemptLease } from './attempt-lease.ts';
import { byCreate } from './by-create.ts';
import { byImport } from './by-import.ts';
import { inProgress } from './held-lease.ts';
import { keyToImport } from './imported-key.ts';
import { openAttempt } from './open-attempt.ts';
import { flushOutbox } from './outbox.ts';
import type { Ports } from './ports.ts';
import { requestHash } from './request-hash.ts';
import { settleOrWait } from './settle.ts';
import type { VendCommand } from './vend-command.ts';

export interface Vended {
  /** Absent where the cloud tells none: ECS does not of a pair that was imported. */
  readonly keyPairId?: string;
  readonly fingerprint: string;
  /** Whether this request made it, or the same request had made it before. */
  readonly created: boolean;
}

/**
 * Has one key pair made under an identity, or returns the one that this very request made before.
 * @throws {VendingError} DIFFERENT_REQUEST, KEY_PAIR_RETIRED, IN_PROGRESS (`retryAfterMs`), NAME_TAKEN, and whatever provider,
 * store or ledger said. The same request may be sent again after any of them.
 */
export async function vend(ports: Ports, command: VendCommand): Promise<Vended> {
  const { identity, request, successorOf } = command;
  ports.connectEarly?.(identity);
  const hash = requestHash(request, successorOf);
  // Beside the record, whatever a create needs to know; whoever opens an attempt hears of what failed. All of it is waited for, also by
  // who is answered from the ledger: a function may be frozen once it has answered, and what was under way then keeps the next one waiting.
  const [provider, found] = await Promise.all([
    ports.providerFor(identity).then(async (one) => {
      await quietly(one.assertAccount());
      return one;
    }),
    ports.ledger.read(identity),
    ports.deployment.tags(),
    quietly(ports.deployment.assertHome()),
  ]);
  const filed = await settleOrWait(ports, provider, found);
  const standing = filed?.record.versions.at(-1);
  if (filed?.record.state === 'active' && standing !== undefined) {
    if (filed.record.announceAtMs !== undefined) await flushOutbox(ports, filed); // what an earlier call could not do
    if (filed.record.requestHash === hash) return answerOf(standing, false);
    throw new VendingError('DIFFERENT_REQUEST', 'This name was vended for another request');
  }
  if (filed?.record.state === 'retired' || filed?.record.state === 'purging') {
    throw new VendingError('KEY_PAIR_RETIRED', 'A key pair of that name was taken out of use');
  }
  // AWS gives one id for all tries of a rotation that it drives, so a key that is stored first could be stored by the first one alone.
  const making = command.attemptId === undefined ? keyToImport(request, ports.settings, ports.newKey) : undefined;
  if (making !== undefined) void quietly(making);
  const lease = await openAttempt(ports, provider, { ...command, hash, making }, filed);
  try {
    const made = await (making === undefined ? byCreate(lease, provider) : byImport(lease, provider, await making));
    await flushOutbox(ports, made);
    return answerOf(made.record.versions.at(-1)!, true);
  } catch (error) {
    throw error instanceof VendingError ? await asItStands(lease, error) : error;
  }
}

const answerOf = (version: Version, created: boolean): Vended => ({
  ...idOf(version),
  fingerprint: version.fingerprint,
  created,
});

/**
 * The failure once everything was done about it, with the time after which the same request can go on: so long a name is held whose
 * attempt could not be closed, since its pair or its key may still be there, and another request is told IN_PROGRESS.
 */
async function asItStands(lease: AttemptLease, error: VendingError): Promise<VendingError> {
  const { clock, ledger, settings } = lease.ports;
  const record = (await quietly(ledger.read(lease.record.identity)))?.record ?? lease.record;
  const { attempt } = record;
  const heldMs = attempt === undefined ? 0 : attempt.lease.endsAtMs + settings.takeOverAfterMs - clock.wallMs();
  // The name was taken by a pair of ours that nobody knew of any more, and that pair is gone. Or no pair shows at all: ECS keeps a
  // name for up to an hour after its pair was deleted.
  const free = record.state === 'vacant' || attempt?.firstAbsentAtMs !== undefined;
  const isTaken = error.code === 'NAME_TAKEN';
  // A stranger's that is known as such gives none, nor does any where pairs carry no tags.
  const claims = !isTaken || (error.effect === 'unknown' && hasTags(lease.record.identity.provider));
  if (isTaken && claims && free) return inProgress(heldMs);
  if (claims && error.effect === 'unknown') error.retryAfterMs ??= Math.max(1_000, heldMs);
  if (heldMs <= 0 || attempt?.id !== lease.record.attempt.id) return error;
  if ((error.retryAfterMs ?? 0) < heldMs) error.retryAfterMs = heldMs;
  if (failures[error.code].retry !== true) error.add(HELD);
  return error;
}

/** For whoever has to change something first. */
const HELD =
  'Something may have been made all the same, so the name is settled first: a corrected request is answered after the time given, and is IN_PROGRESS until then.';
