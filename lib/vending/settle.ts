// Settling: bringing ledger, cloud and secret store to agreement after an attempt that nobody finished.
//
// | key stored | pair                         | then                                    |
// |------------|------------------------------|-----------------------------------------|
// | yes        | ours, evidence agrees        | activate                                |
// | yes        | ours, evidence contradicts   | the key is lost for good: remove both   |
// | no         | ours                         | the key is lost for good: remove it     |
// | no         | absent, seen twice           | close                                   |
// | yes        | absent, seen twice           | remove the key, close                   |
// | any        | not ours, or more than one   | conflict: touch nothing                 |
import { deadlineIn } from '../clock.ts';
import { VendingError } from '../errors.ts';
import type { Filed } from '../ledger/ledger.ts';
import type { FoundPair, KeyPairProvider } from '../providers/provider.ts';
import { parsePrivateKey } from '../ssh/private-key.ts';
import { activate } from './activate.ts';
import { Hold, inProgress } from './attempt-lease.ts';
import { close, closeRemoved, leaveOpen, removePair, removeVersion } from './close-attempt.ts';
import { finish } from './outbox.ts';
import { whoseIs } from './ownership.ts';
import type { Parts } from './ports.ts';
import { type Closing, type KeyPairRecord, keptUnder, settledLater } from './record.ts';
import { keptOf, removeKept } from './stored-key.ts';
import { accepted, evidenceOf, isPairOf } from './verify-key.ts';

/**
 * The record as it can be acted on: settled first when an attempt was left open.
 * @param filed as it was read
 * @throws {VendingError} IN_PROGRESS with the time to wait, NAME_TAKEN for a conflict
 */
export async function settleOrWait(
  parts: Parts,
  provider: KeyPairProvider,
  filed: Filed<KeyPairRecord> | undefined,
): Promise<Filed<KeyPairRecord> | undefined> {
  if (filed?.record.attempt === undefined) return filed;
  await settle(parts, provider, filed);
  const after = await parts.ledger.read(filed.record.identity);
  if (after?.record.attempt === undefined) return after;
  const { settleAtMs = 0, state, attempt } = after.record;
  if (state === 'conflict') throw conflict();
  const againAtMs = Math.max(settleAtMs, attempt.lease.endsAtMs + takeOver(parts));
  throw inProgress(againAtMs - parts.clock.wallMs());
}

/**
 * Settles what is due in a record: an open attempt, once its lease and the pause after it are past, or a closed one whose
 * create can no longer land.
 */
export async function settle(parts: Parts, provider: KeyPairProvider, filed: Filed<KeyPairRecord>): Promise<void> {
  const { record, revision } = filed;
  const { closing = [], settleAtMs = 0, ...rest } = record;
  const [next, ...later] = closing;
  const nowMs = parts.clock.wallMs();
  // Somebody may have removed what stood in the way: a conflict is looked at again whenever somebody wants the name.
  if (nowMs < settleAtMs && record.state !== 'conflict') return;
  if (record.attempt === undefined && record.versions.length > 0 && next !== undefined)
    return settleBeside(parts, provider, filed, next, later);
  const attempt = record.attempt ?? next?.attempt;
  const left = record.attempt === undefined ? later : closing;
  if (attempt === undefined || nowMs < attempt.lease.endsAtMs + takeOver(parts)) return;
  const hold = await Hold.take(parts, revision, (lease) => ({
    ...rest,
    ...(left.length === 0 ? {} : { closing: left }),
    state: 'vending',
    attempt: { ...attempt, lease },
    settleAtMs: lease.endsAtMs + takeOver(parts),
  }));
  await settleHeld(hold, provider);
}

/**
 * What an attempt that came to nothing may have left beside a version that counts: its key; and its pair, should the one that
 * counts have been deleted by somebody before a late create arrived.
 */
async function settleBeside(
  parts: Parts,
  provider: KeyPairProvider,
  { record, revision }: Filed<KeyPairRecord>,
  next: Closing,
  later: readonly Closing[],
): Promise<void> {
  const { clock, ledger, settings, store } = parts;
  const { identity, versions } = record;
  const until = deadlineIn(clock, settings.leaseMs);
  const held = await ledger.write({ ...record, settleAtMs: until.wallMs + takeOver(parts) }, revision);
  if (held === 'conflict') throw inProgress(settings.leaseMs);
  const call = { timeoutMs: settings.callTimeoutMs, signBefore: until };
  const holding = await whoseIs(parts, provider, identity, (await provider.find(identity, call)).pairs);
  if (holding.whose === 'ours' && !versions.some((version) => isPairOf(version, holding.pair))) {
    const { id } = holding.pair;
    const straySeenAtMs = next.straySeenAtMs ?? clock.wallMs();
    const againAtMs = straySeenAtMs + settings.absentTwiceMs;
    // A list that lags shows what is gone, and a delete by name would take the pair that counts: so it is looked at twice.
    if (provider.removesBy === 'name' && clock.wallMs() < againAtMs) {
      const seen = [{ ...next, straySeenAtMs }, ...later];
      return void (await ledger.write({ ...record, closing: seen, settleAtMs: againAtMs }, held));
    }
    await provider.remove({ ...identity, ...(id === undefined ? {} : { id }) }, call);
    return; // comes due again, and then it is seen to be gone
  }
  if (!versions.some(({ id }) => id === next.attempt.id)) await removeKept(store, keptUnder(record), next.attempt.id);
  const { closing: _, settleAtMs: _over, ...rest } = record;
  await ledger.write({ ...rest, ...settledLater(later) }, held);
}

/** How often recovery looks at a conflict by itself. */
const CONFLICT_MS = 15 * 60_000;
const takeOver = (parts: Parts) => parts.settings.takeOverAfterMs;

/** Settles the attempt of a record that this worker holds. What cannot be decided yet stays open, with the time to look again. */
export async function settleHeld(hold: Hold, provider: KeyPairProvider): Promise<void> {
  const { parts, record } = hold;
  const { identity, attempt } = record;
  const { clock, settings, store } = parts;
  const kept = await keptOf(store, keptUnder(record));
  const stored = kept?.versions.some(({ id }) => id === attempt.id) ?? false;
  const { pairs } = await provider.find(identity, hold.call(settings.callTimeoutMs));
  const holding = await whoseIs(parts, provider, identity, pairs);
  if (holding.whose === 'foreign') return leaveOpen(hold, clock.wallMs() + CONFLICT_MS, { state: 'conflict' });
  if (holding.whose === 'ours') return settleOurs(hold, provider, holding.pair, stored);
  return settleAbsent(hold, stored);
}

/** The pair is there and ours. With its key it counts; without, the key is lost for good, and so the pair goes. */
async function settleOurs(hold: Hold, provider: KeyPairProvider, pair: FoundPair, stored: boolean): Promise<void> {
  const { parts, record } = hold;
  const { identity, attempt } = record;
  const filedAttempt = (await parts.ledger.attempts(identity)).get(attempt.id);
  const keyPairId = pair.id ?? filedAttempt?.keyPairId;
  const fingerprint = pair.fingerprint ?? filedAttempt?.fingerprint;
  const text = stored ? await parts.store.reveal(keptUnder(record), attempt.id) : undefined;
  // A delete that was decided and may still arrive would take a pair that was acknowledged meanwhile.
  const doomed = record.abandoned || (attempt.deletingUntilMs ?? 0) > parts.clock.wallMs();
  if (!doomed && text !== undefined && keyPairId !== undefined && fingerprint !== undefined) {
    const key = parsePrivateKey(text);
    const evidence = accepted(evidenceOf(pair, key), parts.settings.strict);
    if (evidence !== undefined) {
      const secretReference = (await keptOf(parts.store, keptUnder(record)))?.reference ?? '';
      const made = { keyPairId, fingerprint, publicKey: key.publicKey, evidence, secretReference };
      await finish(parts, await activate(hold, made, false));
      return;
    }
  }
  await removePair(hold, provider, pair.id ?? filedAttempt?.keyPairId);
  if (stored) await removeVersion(hold);
  await closeRemoved(hold);
}

/** No pair. That counts once it was seen twice, far enough apart, and no delete of ours can still be on its way. */
async function settleAbsent(hold: Hold, stored: boolean): Promise<void> {
  const { parts, record } = hold;
  const { attempt } = record;
  const nowMs = parts.clock.wallMs();
  const { firstAbsentAtMs } = attempt;
  if (firstAbsentAtMs === undefined) {
    await hold.update({ ...record, attempt: { ...attempt, firstAbsentAtMs: nowMs } });
    return leaveOpen(hold, nowMs + parts.settings.absentTwiceMs);
  }
  const soonestMs = Math.max(firstAbsentAtMs + parts.settings.absentTwiceMs, attempt.deletingUntilMs ?? 0);
  if (nowMs < soonestMs) return leaveOpen(hold, soonestMs);
  if (stored) await removeVersion(hold);
  await close(hold, 'horizon');
}

const conflict = () => new VendingError('NAME_TAKEN', 'A key pair of that name is there which is not provably ours');
