// Settling: bringing ledger, cloud and secret store into agreement after an attempt that nobody finished.
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
import { rowOf } from '../provider-table.ts';
import type { FoundPair, KeyPairProvider } from '../providers/provider.ts';
import type { StoredSecret, StoredVersion } from '../secrets/secret-store.ts';
import { parsePrivateKey } from '../ssh/private-key.ts';
import { activate } from './activate.ts';
import { idOf } from './attempt.ts';
import { AttemptLease } from './attempt-lease.ts';
import { closeRemoved, leaveOpen, removePair, removeVersion, takeBack } from './close-attempt.ts';
import { fileRecord } from './file-record.ts';
import { inProgress } from './held-lease.ts';
import { flushOutbox } from './outbox.ts';
import { type Ownership, ownershipOf } from './ownership.ts';
import type { Ports } from './ports.ts';
import { spreadMs } from './rate-limit.ts';
import { type Closing, type KeyPairRecord, secretIdentityOf, settledLater } from './record.ts';
import { findStoredKeys, isLeftToRecovery, isStoredElsewhere, removeStoredKey, unlessTheirs } from './stored-key.ts';
import { acceptedEvidence, evidenceOf, importEvidence, isPairOfVersion } from './verify-key.ts';

/**
 * The record in a state that can be acted on: it is settled first when an attempt was left open.
 * @param filed the record as it was read
 * @throws {VendingError} IN_PROGRESS with the time to wait, NAME_TAKEN for a conflict
 */
export async function settleOrWait(
  ports: Ports,
  provider: KeyPairProvider,
  filed: Filed<KeyPairRecord> | undefined,
): Promise<Filed<KeyPairRecord> | undefined> {
  if (filed?.record.attempt === undefined) return filed;
  await settle(ports, provider, filed);
  const after = await ports.ledger.read(filed.record.identity);
  if (after?.record.attempt === undefined) return after;
  const { settleAtMs = 0, state, attempt } = after.record;
  if (state === 'conflict') throw conflict();
  const againAtMs = Math.max(settleAtMs, attempt.lease.endsAtMs + takeOver(ports));
  const leftMs = againAtMs - ports.clock.wallMs();
  throw inProgress(leftMs > 0 ? leftMs : RECOVERY_COMES_MS);
}

/** What is due and was left to recovery is settled at its next round, which is at most a minute away. */
const RECOVERY_COMES_MS = 15_000;

/**
 * Settles what is due in a record: an open attempt, once its lease and the pause after it are past, or a closed one whose
 * create can no longer land. What needs a stored key is left to a worker that may read it.
 */
export async function settle(ports: Ports, provider: KeyPairProvider, filed: Filed<KeyPairRecord>): Promise<void> {
  const { record } = filed;
  const { closing = [], settleAtMs = 0, ...rest } = record;
  const [next, ...later] = closing;
  const nowMs = ports.clock.wallMs();
  // Somebody may have removed what stood in the way, so a conflict is checked again whenever somebody wants the name.
  if (nowMs < settleAtMs && record.state !== 'conflict') return;
  const counts = record.attempt === undefined && record.versions.length > 0;
  if (counts && (rest.secretDeletingUntilMs ?? Number.POSITIVE_INFINITY) <= nowMs) return keepSecret(ports, filed);
  if (counts && next !== undefined) return settleBeside(ports, provider, filed, next, later);
  const attempt = record.attempt ?? next?.attempt;
  const left = record.attempt === undefined ? later : closing;
  if (attempt === undefined || nowMs < attempt.lease.endsAtMs + takeOver(ports)) return;
  // Before there is a lease: one that is taken in vain keeps recovery away until its end.
  if (!ports.settings.readsKeys && isLeftToRecovery(ports, await findStoredKeys(ports.store, secretIdentityOf(record))))
    return;
  const lease = await AttemptLease.take(ports, filed, (granted) => ({
    ...rest,
    ...(left.length === 0 ? {} : { closing: left }),
    state: 'vending',
    attempt: { ...attempt, lease: granted },
    settleAtMs: granted.endsAtMs + takeOver(ports),
  }));
  await settleHeld(lease, provider).catch((error: unknown) => throttled(lease, error));
}

/** Of what the cloud has too much of, no lease is kept to its end: all of them would come due together, and be too many again. */
async function throttled(lease: AttemptLease, error: unknown): Promise<never> {
  const { ports } = lease;
  if (error instanceof VendingError && error.code === 'THROTTLED') {
    const pauseMs = Math.max(error.retryAfterMs ?? 0, takeOver(ports)) + spreadMs(ports);
    await leaveOpen(lease, ports.clock.wallMs() + pauseMs).catch(() => {}); // then it is due when its lease is over
  }
  throw error;
}

/**
 * Settles what an attempt that came to nothing may have left beside a version that counts: its key; and its pair, if somebody
 * deleted the one that counts before a late create arrived.
 */
async function settleBeside(
  ports: Ports,
  provider: KeyPairProvider,
  filed: Filed<KeyPairRecord>,
  next: Closing,
  later: readonly Closing[],
): Promise<void> {
  const { clock, deployment, settings, store } = ports;
  const { record } = filed;
  const { identity, versions } = record;
  const until = deadlineIn(clock, settings.leaseMs);
  const held = await fileRecord(ports, filed, { ...record, settleAtMs: until.wallMs + takeOver(ports) });
  if (held === 'conflict') throw inProgress(settings.leaseMs);
  const call = { timeoutMs: settings.callTimeoutMs, signBefore: until };
  const ownership = await ownershipOf(ports, provider, identity, (await provider.find(identity, call)).pairs);
  const ours = ownership.whose === 'ours' ? [ownership.pair, ...(ownership.twins ?? [])] : [];
  const stray = ours.find((pair) => !versions.some((version) => isPairOfVersion(version, pair)));
  if (stray !== undefined) {
    const { id } = stray;
    await deployment.assertHome();
    const place = secretIdentityOf(record);
    const secret = await findStoredKeys(store, place);
    if (await isStoredElsewhere(store, place, secret, stray, next.attempt.id, later))
      throw new VendingError('NAME_TAKEN', 'The key of a pair that is on no record is stored');
    const straySeenAtMs = next.straySeenAtMs ?? clock.wallMs();
    const againAtMs = straySeenAtMs + settings.absentTwiceMs;
    // A list that lags shows what is gone, and a delete by name would take the pair that counts, so it must be seen twice.
    if (rowOf(provider.provider).removesBy === 'name' && clock.wallMs() < againAtMs) {
      const seen = [{ ...next, straySeenAtMs }, ...later];
      return void (await fileRecord(ports, held, { ...record, closing: seen, settleAtMs: againAtMs }));
    }
    await provider.remove({ ...identity, ...(id === undefined ? {} : { id }) }, call);
    return; // it comes due again, and is then seen to be gone
  }
  if (!versions.some(({ id }) => id === next.attempt.id))
    await removeStoredKey(ports, secretIdentityOf(record), next.attempt.id);
  const { closing: _, settleAtMs: _over, ...rest } = record;
  await fileRecord(ports, held, { ...rest, ...settledLater(later, rest.secretDeletingUntilMs) });
}

/** Once nothing from before can take the secret of what counts any more, or its label, it is brought back if something has. */
async function keepSecret(ports: Ports, filed: Filed<KeyPairRecord>): Promise<void> {
  const { settleAtMs: _due, secretDeletingUntilMs: _over, ...rest } = filed.record;
  await ports.deployment.assertHome();
  await ports.store.restoreSecret(secretIdentityOf(rest)).catch(unlessTheirs);
  const lost = ports.settings.blindLabels && !(await isCurrent(ports, rest));
  const again = { unlabelled: rest.versions.at(-1)!.id, announceAtMs: ports.clock.wallMs() };
  // If others were faster, it is due again.
  await fileRecord(ports, filed, { ...rest, ...settledLater(rest.closing ?? []), ...(lost && again) });
}

/** What is a successor's own is not handed to readers, and what is marked to be made current is not yet. */
async function isCurrent({ store }: Ports, record: Omit<KeyPairRecord, 'settleAtMs'>): Promise<boolean> {
  if (record.successorOf !== undefined || record.unlabelled !== undefined) return true;
  const secret = await findStoredKeys(store, record.identity);
  return secret?.versions.some(({ id, current }) => current && id === record.versions.at(-1)?.id) ?? true;
}

/** How often recovery checks a conflict again by itself. */
const CONFLICT_MS = 15 * 60_000;
const takeOver = (ports: Ports) => ports.settings.takeOverAfterMs;

/** Settles the attempt of a record that this worker holds. What cannot be decided yet stays open, and is due again later. */
export async function settleHeld(lease: AttemptLease, provider: KeyPairProvider): Promise<void> {
  const { ports, record } = lease;
  const { identity, attempt } = record;
  const { clock, settings, store } = ports;
  const place = secretIdentityOf(record);
  // What is stored there may have been taken by a removal from before.
  if (record.secretDeletingUntilMs !== undefined) await store.restoreSecret(place).catch(unlessTheirs);
  const secret = await findStoredKeys(store, place);
  const stored = secret?.versions.find(({ id }) => id === attempt.id);
  // An adoption that nobody was answered with: whoever asked for it has the key, and the pair stays whose it was.
  if (attempt.adopts) return takeBack(lease, stored !== undefined);
  const { pairs } = await provider.find(identity, lease.callLimits(settings.callTimeoutMs));
  const ownership = await ownershipOf(ports, provider, identity, pairs);
  const isAbsent = ownership.whose === 'foreign' ? await haveOtherKeys(lease, pairs) : ownership.whose === 'none';
  if (isAbsent) return settleAbsent(lease, stored);
  // Stored since it was looked for, or by a request that arrived late.
  if (ownership.whose === 'ours' && isLeftToRecovery(ports, secret))
    return leaveOpen(lease, clock.wallMs() + takeOver(ports));
  if (
    ownership.whose === 'ours' &&
    !(await isStoredElsewhere(store, place, secret, ownership.pair, attempt.id, record.closing))
  )
    return settleOurs(lease, provider, ownership, secret);
  return leaveOpen(lease, clock.wallMs() + CONFLICT_MS, { state: 'conflict' });
}

/** Whether all that has the name has other keys than the one that this attempt imports: then its own pair is not there. */
async function haveOtherKeys({ ports, record }: AttemptLease, pairs: readonly FoundPair[]): Promise<boolean> {
  const { publicKey } = (await ports.ledger.attempts(record.identity)).get(record.attempt.id) ?? {};
  return publicKey !== undefined && pairs.every((pair) => evidenceOf(pair, publicKey) === 'contradicts');
}

/** The pair is there and ours. With its key it counts; without it the key is lost for good, so the pair is removed. */
async function settleOurs(
  lease: AttemptLease,
  provider: KeyPairProvider,
  { pair: first, twins = [] }: Extract<Ownership, { readonly whose: 'ours' }>,
  secret: StoredSecret | undefined,
): Promise<void> {
  const { ports, record } = lease;
  const { identity, attempt } = record;
  const stored = secret?.versions.find(({ id }) => id === attempt.id);
  const filedAttempt = (await ports.ledger.attempts(identity)).get(attempt.id);
  const { publicKey: imported } = filedAttempt ?? {};
  const pair = [first, ...twins].find((one) => imported && evidenceOf(one, imported) === 'agrees') ?? first;
  for (const one of [first, ...twins]) if (one !== pair) await removePair(lease, provider, one.id);
  const keyPairId = pair.id ?? filedAttempt?.keyPairId ?? stored?.keyPairId;
  const fingerprint = pair.fingerprint ?? filedAttempt?.fingerprint;
  const text = stored === undefined ? undefined : await ports.store.reveal(secretIdentityOf(record), attempt.id);
  // A delete that was decided and may still arrive would take a pair that was acknowledged meanwhile.
  const doomed = record.abandoned || attempt.keyGoing || (attempt.deletingUntilMs ?? 0) > ports.clock.wallMs();
  const isImported = imported !== undefined;
  // A caller's own key is stored nowhere, so what nobody was answered with goes: they have it, and name it once more.
  if (!doomed && text !== undefined && (keyPairId !== undefined || isImported) && fingerprint !== undefined) {
    const key = parsePrivateKey(text);
    const { strict } = ports.settings;
    const evidence = isImported
      ? importEvidence(pair, key.publicKey, filedAttempt!, strict)
      : acceptedEvidence(evidenceOf(pair, key), strict);
    if (evidence !== undefined) {
      const secretReference = secret?.reference ?? '';
      const from = isImported ? ({ keySource: 'import' } as const) : {};
      const made = {
        ...idOf({ keyPairId }),
        fingerprint,
        publicKey: key.publicKey,
        evidence,
        ...from,
        secretReference,
      };
      await flushOutbox(ports, await activate(lease, made, false));
      return;
    }
  }
  await removePair(lease, provider, keyPairId);
  if (stored !== undefined) await removeVersion(lease);
  await closeRemoved(lease);
}

/** There is no pair. That counts once it was seen twice, far enough apart, and no delete of ours can still be on its way. */
async function settleAbsent(lease: AttemptLease, stored: StoredVersion | undefined): Promise<void> {
  const { ports, record } = lease;
  const { attempt } = record;
  const nowMs = ports.clock.wallMs();
  const { firstAbsentAtMs } = attempt;
  if (firstAbsentAtMs === undefined) {
    await lease.update({ ...record, attempt: { ...attempt, firstAbsentAtMs: nowMs } });
    return leaveOpen(lease, nowMs + ports.settings.absentTwiceMs);
  }
  const soonestMs = Math.max(firstAbsentAtMs + ports.settings.absentTwiceMs, attempt.deletingUntilMs ?? 0);
  if (nowMs < soonestMs) return leaveOpen(lease, soonestMs);
  // What was imported may still arrive, and so may the removal.
  if (stored !== undefined) await lease.update({ ...record, attempt: { ...attempt, keyGoing: true } });
  await takeBack(lease, stored !== undefined);
}

const conflict = () =>
  new VendingError('NAME_TAKEN', "A key pair of that name exists that is not provably keyvend's own");
