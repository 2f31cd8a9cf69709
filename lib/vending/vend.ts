// Vending as a write-ahead protocol: open, create, verify, store, verify, activate, announce. Whatever stops in between is
// settled by the next worker once the lease is over (settle.ts).
import { failures, VendingError } from '../errors.ts';
import { hasTags, rowOf } from '../provider-table.ts';
import type { FoundPair, KeyPairProvider, MadePair } from '../providers/provider.ts';
import type { Secret } from '../secret.ts';
import type { StoredKey } from '../secrets/secret-store.ts';
import type { PrivateKey } from '../ssh/private-key.ts';
import { activate } from './activate.ts';
import type { Version } from './attempt.ts';
import type { AttemptLease } from './attempt-lease.ts';
import { closeAttempt, closeRemoved, leaveOpen, removePair, removeVersion } from './close-attempt.ts';
import { type EarlyLook, lookEarly } from './early-look.ts';
import { inProgress } from './held-lease.ts';
import { openAttempt } from './open-attempt.ts';
import { flushOutbox } from './outbox.ts';
import { DEPLOYMENT_TAG, ownershipOf } from './ownership.ts';
import type { Ports } from './ports.ts';
import { acquirePermit } from './rate-limit.ts';
import { ofPair, secretIdentityOf } from './record.ts';
import { requestHash } from './request-hash.ts';
import { settleHeld, settleOrWait } from './settle.ts';
import type { VendCommand } from './vend-command.ts';
import { acceptedEvidence, evidenceOf, verifyMadeKey } from './verify-key.ts';

export interface Vended {
  readonly keyPairId: string;
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
    if (filed.record.requestHash === hash) return { ...idOf(standing), created: false };
    throw new VendingError('DIFFERENT_REQUEST', 'This name was vended for another request');
  }
  if (filed?.record.state === 'retired' || filed?.record.state === 'purging') {
    throw new VendingError('KEY_PAIR_RETIRED', 'A key pair of that name was taken out of use');
  }
  const lease = await openAttempt(ports, provider, { ...command, hash }, filed);
  try {
    return { ...idOf(await carryOut(lease, provider)), created: true };
  } catch (error) {
    throw error instanceof VendingError ? await asItStands(lease, error) : error;
  }
}

const idOf = ({ keyPairId, fingerprint }: Version) => ({ keyPairId, fingerprint });

async function carryOut(lease: AttemptLease, provider: KeyPairProvider): Promise<Version> {
  const { made, look } = await create(lease, provider);
  // Until it is stored, the key exists only here: nothing that can wait comes in between.
  const { key, stored } = await checkAndStore(lease, provider, made);

  const seen = made.publicKey === undefined ? await seenAtCloud(lease, provider, { made, key, look }) : made;
  const found = evidenceOf(seen, key);
  const evidence = acceptedEvidence(found, lease.ports.settings.strict);
  if (evidence === undefined) {
    await quietly(undo(lease, provider, made));
    const code = found === 'contradicts' ? 'KEY_CONTRADICTED' : 'KEY_UNPROVEN';
    throw new VendingError(code, 'Nothing proves that the key belongs to the pair', { effect: 'unknown' });
  }
  const filed = await activate(
    lease,
    {
      keyPairId: made.id,
      fingerprint: made.fingerprint,
      publicKey: key.publicKey,
      evidence,
      ...(key.isRewritten && { keyRewritten: true }),
      secretReference: stored.reference,
      ...(made.requestId !== undefined && { createRequestId: made.requestId }),
    },
    stored.current,
  );
  await flushOutbox(lease.ports, filed);
  return filed.record.versions.at(-1)!;
}

interface Created {
  readonly made: MadePair;
  /** Under way already. */
  readonly look: EarlyLook | undefined;
}

async function create(lease: AttemptLease, provider: KeyPairProvider): Promise<Created> {
  const { identity, request } = lease.record;
  const { settings } = lease.ports;
  const ownTag = { [DEPLOYMENT_TAG]: lease.tag ?? settings.deployment };
  const tags = hasTags(provider.provider) ? { tags: { ...request.tags, ...ownTag } } : {};
  const look = lookEarly(lease, provider);
  try {
    await acquirePermit(lease);
    const pair = { ...ofPair(request), ...tags, region: identity.region, name: identity.name };
    const call = { ...lease.callLimits(settings.createTimeoutMs), ...(look && { onSent: look.begin }) };
    const made = await provider.create(pair, call);
    look?.answered();
    return { made, look };
  } catch (error) {
    look?.cancel();
    const taken = error instanceof VendingError && error.code === 'NAME_TAKEN';
    // Without tags a pair that was there before cannot be told from ours: what has the name gives no claim.
    const claims = !taken || hasTags(provider.provider);
    const effect = claims && !(error instanceof VendingError && error.effect === 'none') ? 'unknown' : 'none';
    // What fails from here on fails in silence: the attempt is on record, and the caller must hear of the first failure.
    await quietly(effect === 'none' ? closeAttempt(lease, 'now') : settleHeld(lease, provider));
    throw error;
  }
}

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
  const claims = !isTaken || hasTags(lease.record.identity.provider);
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

async function checkAndStore(lease: AttemptLease, provider: KeyPairProvider, made: MadePair) {
  try {
    const key = verifyMadeKey(made);
    const [stored] = await Promise.all([
      storeFirmly(lease, key.privateKey, made.id),
      // Alongside, not before. If this fails, the pair cannot be told apart later and is made anew.
      quietly(lease.file({ outcome: 'made', keyPairId: made.id, fingerprint: made.fingerprint })),
    ]);
    return { key, stored };
  } catch (error) {
    await quietly(undo(lease, provider, made));
    throw error;
  }
}

const STORE_WAITS_MS = [200, 1_000, 2_500];

/** Storing the same version and key again changes nothing, so trying again is safe. */
async function storeFirmly(lease: AttemptLease, key: Secret, keyPairId: string): Promise<StoredKey> {
  const { settings, store, wait } = lease.ports;
  const { attempt, request } = lease.record;
  for (let tried = 0; ; tried += 1) {
    lease.assertHeld();
    try {
      return await store.put(secretIdentityOf(lease.record), attempt.id, key, lease.until, keyPairId, request);
    } catch (error) {
      const pauseMs = STORE_WAITS_MS[tried];
      const passing = error instanceof VendingError && error.code === 'STORE_UNAVAILABLE';
      if (!passing || pauseMs === undefined || lease.leftMs() < pauseMs + settings.callTimeoutMs) throw error;
      await wait(pauseMs);
    }
  }
}

/** What the cloud shows of the pair by now. A list that lags behind, or cannot be read, is no evidence against it. */
async function seenAtCloud(
  lease: AttemptLease,
  provider: KeyPairProvider,
  { made, key, look }: Created & { readonly key: PrivateKey },
) {
  const { identity } = lease.record;
  const of = (pairs: readonly FoundPair[] = []) => {
    const pair = pairs.length === 1 ? pairs[0] : undefined;
    return pair === undefined || (pair.id !== undefined && pair.id !== made.id) ? undefined : pair;
  };
  if (look !== undefined) {
    const shown = await look.pairs();
    const early = of(shown);
    // One that was too early may show what had the name before, so it only speaks for the pair.
    const evidence = early && evidenceOf(early, key);
    const wasThere = evidence === 'agrees' || (evidence === 'unknown-form' && early?.id !== undefined);
    if (shown !== undefined) look.learn(wasThere); // one that failed was neither too early nor too late
    if (wasThere) return early!;
  }
  const found = await quietly(provider.find(identity, lease.callLimits(lease.ports.settings.callTimeoutMs)));
  return of(found?.pairs) ?? made;
}

/** Takes back what was made. What cannot be taken back now stays open and is settled later. */
async function undo(lease: AttemptLease, provider: KeyPairProvider, made: MadePair): Promise<void> {
  const { clock, settings } = lease.ports;
  // Where deletes go by name, somebody may have replaced the pair since it was made.
  if (rowOf(provider.provider).removesBy === 'name' && !(await showsOurs(lease, provider))) {
    return leaveOpen(lease, clock.wallMs() + settings.absentTwiceMs);
  }
  await removePair(lease, provider, made.id);
  await removeVersion(lease);
  await closeRemoved(lease);
}

async function showsOurs(lease: AttemptLease, provider: KeyPairProvider): Promise<boolean> {
  const { identity } = lease.record;
  const { pairs } = await provider.find(identity, lease.callLimits(lease.ports.settings.callTimeoutMs));
  return (await ownershipOf(lease.ports, provider, identity, pairs)).whose === 'ours';
}

/** The result, or undefined when it failed. */
const quietly = <T>(work: Promise<T>): Promise<T | undefined> => work.catch(() => undefined);
