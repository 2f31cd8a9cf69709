// Opening an attempt: what must be on record before the cloud is asked for anything.
import { deadlineIn, leftMs } from '../clock.ts';
import { VendingError } from '../errors.ts';
import { type Identity, identityKey } from '../identity.ts';
import type { Filed } from '../ledger/ledger.ts';
import { hasTags } from '../provider-table.ts';
import type { KeyPairProvider } from '../providers/provider.ts';
import type { PinnedProvider } from './account-pin.ts';
import type { Lease } from './attempt.ts';
import { AttemptLease, type OpenRecord } from './attempt-lease.ts';
import { closeAttempt } from './close-attempt.ts';
import { inProgress } from './held-lease.ts';
import type { ImportedKey } from './imported-key.ts';
import { ownershipOf } from './ownership.ts';
import type { Ports } from './ports.ts';
import { type KeyPairRecord, type Request, secretIdentityOf } from './record.ts';
import { assertTrailKeepsUp } from './send-trail.ts';
import type { VendCommand } from './vend-command.ts';

/**
 * @param command with `making`, the key that is to be imported, on its way; or, with `adopts`, of a pair that is there already
 * @param filed the record as it was read; it is not active
 * @throws {VendingError} DEADLINE_PASSED, NAME_TAKEN, IN_PROGRESS, LEDGER_FENCED, ACCOUNT_MOVED, or what ledger or store said; nothing was sent
 */
export async function openAttempt(
  ports: Ports,
  provider: PinnedProvider,
  command: VendCommand & {
    readonly hash: string;
    readonly making?: Promise<ImportedKey> | undefined;
    readonly adopts?: true;
  },
  filed: Filed<KeyPairRecord> | undefined,
): Promise<AttemptLease> {
  const { clock, ledger, settings } = ports;
  const { identity, hash, making, adopts, caller, deadline, successorOf } = command;
  const request = onRecord(command);
  assertTrailKeepsUp(filed?.record);
  // What may still arrive of a successor is recognised by the key pair that it was to succeed, so that must not change yet.
  const { closing, secretDeletingUntilMs = 0 } = filed?.record ?? {};
  if (closing !== undefined && filed?.record.successorOf !== successorOf)
    throw inProgress(closing.at(-1)!.untilMs - clock.wallMs());
  const needMs = settings.createTimeoutMs + 2 * settings.callTimeoutMs;
  const assertTime = () => {
    if (leftMs(clock, deadline) < needMs)
      throw new VendingError('DEADLINE_PASSED', 'Too little time was left to begin');
  };
  assertTime();

  const mayBeThere = adopts || hasTags(provider.provider);
  const absentAt = mayBeThere ? undefined : await seenAbsent(ports, provider, identity, filed);

  const places = await command.admit?.();
  // Better no pair than one that would be looked for by another ledger or in another account.
  await Promise.all([ports.deployment.assertHome(), provider.assertAccount()]);

  // On file from the beginning: whatever is filed of it later may arrive in another order, and the pair is known by nothing else.
  const key = await making;
  if (key !== undefined) assertTime();
  const own = { ...(key && { publicKey: key.publicKey }), ...(adopts && { adopts }) };
  const isStored = key === undefined || key.privateKey !== undefined;

  const id = command.attemptId ?? ports.newId();
  const openedAtMs = clock.wallMs();
  // Fixed before it is filed: no create is signed after what is on file. A successor's worker is bound by its rotation's lease.
  const leased = deadlineIn(clock, settings.leaseMs);
  const until = successorOf === undefined || leftMs(clock, leased) < leftMs(clock, deadline) ? leased : deadline;
  const createdByMs = until.wallMs;
  const seen = absentAt === undefined ? {} : { absentAt };
  const { tag } = await ports.deployment.tags();
  const attempt = { openedAtMs, createdByMs, ...seen, tag, ...own, outcome: 'open' } as const;
  const record = (granted: Lease): OpenRecord => ({
    identity,
    state: 'vending',
    request,
    requestHash: hash,
    requestedBy: caller,
    requestedAtMs: openedAtMs,
    attempt: { id, lease: granted, createdByMs, ...seen, ...(adopts && { adopts }) },
    versions: filed?.record.versions ?? [],
    ...(closing === undefined ? {} : { closing }),
    ...(secretDeletingUntilMs > openedAtMs ? { secretDeletingUntilMs } : {}),
    ...(successorOf === undefined ? {} : { successorOf }),
    ...(places === undefined ? {} : { claimed: places.group }),
    settleAtMs: granted.endsAtMs + settings.takeOverAfterMs,
  });
  const taken = AttemptLease.take(ports, filed, record, { answerBy: deadline, until }, attempt);
  // At once, because nothing is sent to the cloud before all of it is done; but not before the record was read: it may say that the
  // secret is a retired one. Better no pair than one whose key could not be stored.
  const rest = await Promise.allSettled([
    ledger.fileAttempt(identity, id, attempt, until),
    isStored
      ? ports.store.prepare(secretIdentityOf(command), command.mayArrive ?? closing?.length, request)
      : undefined,
    taken,
  ]);
  const lease = await taken;
  for (const one of rest) if (one.status === 'rejected') await giveUp(lease, one.reason);
  // After the record says so: a place that nobody knows of would be lost when this worker dies.
  if (places !== undefined) await claim(lease, places);
  return lease;
}

/** With the key that its secret is to have, so that whatever is made of it later has the same one. */
const onRecord = ({ request, usualSecretKey }: VendCommand): Request =>
  usualSecretKey === undefined || request.secretKey !== undefined ? request : { ...request, secretKey: usualSecretKey };

/** For a lease under which nothing was sent. */
async function giveUp(lease: AttemptLease, why: unknown): Promise<never> {
  await closeAttempt(lease, 'now').catch(() => {}); // then it is settled when its lease is over
  throw why;
}

async function claim(
  lease: AttemptLease,
  { group, most }: { readonly group: string; readonly most: number },
): Promise<void> {
  lease.assertHeld();
  const given = await lease.ports.ledger
    .claim(group, identityKey(lease.record.identity), most, lease.until)
    .catch((error: unknown) => error);
  if (given !== true) await giveUp(lease, given === false ? grantFull() : given);
}

/** Without tags, a pair is ours only if it appeared after its name was seen to be free, on the cloud's own clock. */
async function seenAbsent(
  ports: Ports,
  provider: KeyPairProvider,
  identity: Identity,
  filed: Filed<KeyPairRecord> | undefined,
): Promise<string> {
  const { ledger, clock, settings } = ports;
  const { pairs, cloudTime } = await provider.find(identity, { timeoutMs: settings.callTimeoutMs });
  if (pairs.length > 0) {
    // It may be ours, made a moment ago: then its maker had changed the record first.
    if ((await ledger.read(identity))?.revision !== filed?.revision) throw inProgress(1_000);
    // Or made long ago, by an attempt that was closed before its pair showed; that attempt is settled once more.
    const ownership = await ownershipOf(ports, provider, identity, pairs);
    const { closing, secretDeletingUntilMs = 0 } = filed?.record ?? {};
    const last = closing?.at(-1);
    if (ownership.whose === 'ours' && last !== undefined) throw inProgress(last.untilMs - clock.wallMs());
    // Or it counted, and was removed a moment ago: what lists pairs may show it for a little longer.
    if (ownership.whose === 'ours' && secretDeletingUntilMs > clock.wallMs()) throw inProgress(settings.absentTwiceMs);
    throw new VendingError('NAME_TAKEN', 'A key pair of that name already exists');
  }
  if (cloudTime === undefined) throw new VendingError('CLOUD_UNREACHABLE', 'The cloud did not send its time');
  return cloudTime.toISOString();
}

const FULL_MS = 60 * 60_000;
export const grantFull = () =>
  new VendingError('GRANT_FULL', 'There are as many key pairs by your grant as it allows', { retryAfterMs: FULL_MS });
