// Vending as a write-ahead protocol: open, create, check, store, check, activate, announce. Whatever stops in between is
// settled by whoever comes after the lease (settle.ts).
import type { Deadline } from '../clock.ts';
import { VendingError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { KeyPairProvider, MadePair } from '../providers/provider.ts';
import type { Secret } from '../secret.ts';
import type { Kept } from '../secrets/secret-store.ts';
import { activate } from './activate.ts';
import { type Hold, inProgress } from './attempt-lease.ts';
import { close, closeRemoved, leaveOpen, removePair, removeVersion } from './close-attempt.ts';
import { open } from './open-attempt.ts';
import { finish } from './outbox.ts';
import { DEPLOYMENT_TAG, whoseIs } from './ownership.ts';
import type { Parts } from './ports.ts';
import { takePlace } from './rate-limit.ts';
import { keptUnder, type Request, type Version } from './record.ts';
import { requestHash } from './request-hash.ts';
import { settleHeld, settleOrWait } from './settle.ts';
import { accepted, checkMade, evidenceOf } from './verify-key.ts';

export interface Vend {
  readonly identity: Identity;
  readonly request: Request;
  /** Who asks, for the record. */
  readonly caller: string;
  /** When an answer has to be there. Nothing is begun that cannot be finished by then. */
  readonly deadline: Deadline;
  /** Of a rotation's successor: the name of the key pair it is to replace, under which its key is kept. */
  readonly successorOf?: string;
  /** Instead of a new UUID. */
  readonly attemptId?: string;
}

export interface Vended {
  readonly keyPairId: string;
  readonly fingerprint: string;
  /** Whether this request made it; the same request again finds it made. */
  readonly made: boolean;
}

/**
 * Has one key pair made under an identity, or gives the one that this very request made before.
 * @throws {VendingError} DIFFERENT_REQUEST, KEY_PAIR_RETIRED, IN_PROGRESS (`retryAfterMs`), NAME_TAKEN, and whatever provider, store or
 * ledger said. The same request may be sent again after any of them.
 */
export async function vend(parts: Parts, order: Vend): Promise<Vended> {
  const { identity, request, successorOf } = order;
  const hash = requestHash(request, successorOf);
  const [provider, found] = await Promise.all([parts.providerFor(identity), parts.ledger.read(identity)]);
  const filed = await settleOrWait(parts, provider, found);
  const standing = filed?.record.versions.at(-1);
  if (filed?.record.state === 'active' && standing !== undefined) {
    if (filed.record.announceAtMs !== undefined) await finish(parts, filed); // what an earlier call could not
    if (filed.record.requestHash === hash) return { ...idOf(standing), made: false };
    throw new VendingError('DIFFERENT_REQUEST', 'This name was vended for another request');
  }
  if (filed?.record.state === 'retired' || filed?.record.state === 'purging') {
    throw new VendingError('KEY_PAIR_RETIRED', 'A key pair of that name was taken out of use');
  }
  const hold = await open(parts, provider, { ...order, hash }, filed);
  return { ...idOf(await carryOut(hold, provider)), made: true };
}

const idOf = ({ keyPairId, fingerprint }: Version) => ({ keyPairId, fingerprint });

async function carryOut(hold: Hold, provider: KeyPairProvider): Promise<Version> {
  const made = await create(hold, provider);
  // Until it is stored, the key exists only here: nothing that can wait comes in between.
  const { key, kept } = await checkAndStore(hold, provider, made);

  const seen = made.publicKey === undefined ? await look(hold, provider, made) : made;
  const found = evidenceOf(seen, key);
  const evidence = accepted(found, hold.parts.settings.strict);
  if (evidence === undefined) {
    await quietly(undo(hold, provider, made));
    const code = found === 'contradicts' ? 'KEY_CONTRADICTED' : 'KEY_UNPROVEN';
    throw new VendingError(code, 'Nothing proves that the key is that of the pair', { made: 'unknown' });
  }
  const filed = await activate(
    hold,
    {
      keyPairId: made.id,
      fingerprint: made.fingerprint,
      publicKey: key.publicKey,
      evidence,
      secretReference: kept.reference,
    },
    kept.current,
  );
  await finish(hold.parts, filed);
  return filed.record.versions.at(-1)!;
}

async function create(hold: Hold, provider: KeyPairProvider): Promise<MadePair> {
  const { identity, request } = hold.record;
  const { settings } = hold.parts;
  const tags = provider.hasTags ? { tags: { ...request.tags, [DEPLOYMENT_TAG]: settings.deployment } } : {};
  try {
    await takePlace(hold);
    const pair = { ...request, ...tags, region: identity.region, name: identity.name };
    return await provider.create(pair, hold.call(settings.createTimeoutMs));
  } catch (error) {
    const made = error instanceof VendingError ? error.made : 'unknown';
    // What fails from here on fails in silence: the attempt is on record, and the caller has to hear of the first failure.
    await quietly(made === 'never' ? close(hold, 'now') : settleHeld(hold, provider));
    throw made === 'never' || !(error instanceof VendingError) ? error : await inDoubt(hold, error);
  }
}

/** The failure as it stands after settling, with the time after which the same request can go on. */
async function inDoubt(hold: Hold, error: VendingError): Promise<VendingError> {
  const { clock, ledger, settings } = hold.parts;
  const record = (await quietly(ledger.read(hold.record.identity)))?.record ?? hold.record;
  // What had the name was a pair of ours that nobody knew of any more, and it is gone.
  if (error.code === 'NAME_TAKEN' && record.state === 'vacant') return inProgress(1_000);
  const openUntilMs = record.attempt === undefined ? 0 : record.attempt.lease.endsAtMs + settings.takeOverAfterMs;
  error.retryAfterMs ??= Math.max(1_000, openUntilMs - clock.wallMs());
  return error;
}

async function checkAndStore(hold: Hold, provider: KeyPairProvider, made: MadePair) {
  try {
    const key = checkMade(made);
    const [kept] = await Promise.all([
      storeFirmly(hold, key.privateKey),
      // Beside it, not before it. Should it fail, the pair cannot be told apart later and is made anew.
      quietly(hold.file({ outcome: 'made', keyPairId: made.id, fingerprint: made.fingerprint })),
    ]);
    return { key, kept };
  } catch (error) {
    await quietly(undo(hold, provider, made));
    throw error;
  }
}

const STORE_WAITS_MS = [200, 1_000, 2_500];

/** The same version and key again is no change, so trying again is safe. */
async function storeFirmly(hold: Hold, key: Secret): Promise<Kept> {
  const { settings, store, wait } = hold.parts;
  const { attempt } = hold.record;
  for (let tried = 0; ; tried += 1) {
    hold.stillHeld();
    try {
      return await store.put(keptUnder(hold.record), attempt.id, key, hold.until);
    } catch (error) {
      const pauseMs = STORE_WAITS_MS[tried];
      const passing = error instanceof VendingError && error.code === 'STORE_UNAVAILABLE';
      if (!passing || pauseMs === undefined || hold.leftMs() < pauseMs + settings.callTimeoutMs) throw error;
      await wait(pauseMs);
    }
  }
}

/** What the cloud shows of the pair by now. A list that lags behind, or cannot be read, is no evidence against it. */
async function look(hold: Hold, provider: KeyPairProvider, made: MadePair) {
  const found = await quietly(provider.find(hold.record.identity, hold.call(hold.parts.settings.callTimeoutMs)));
  const pair = found?.pairs.length === 1 ? found.pairs[0] : undefined;
  return pair === undefined || (pair.id !== undefined && pair.id !== made.id) ? made : pair;
}

/** Takes back what was made. What cannot be taken back now stays open and is settled later. */
async function undo(hold: Hold, provider: KeyPairProvider, made: MadePair): Promise<void> {
  const { clock, settings } = hold.parts;
  // Where deletes go by name, somebody may have replaced the pair since it was made.
  if (provider.removesBy === 'name' && !(await showsOurs(hold, provider))) {
    return leaveOpen(hold, clock.wallMs() + settings.absentTwiceMs);
  }
  await removePair(hold, provider, made.id);
  await removeVersion(hold);
  await closeRemoved(hold);
}

async function showsOurs(hold: Hold, provider: KeyPairProvider): Promise<boolean> {
  const { identity } = hold.record;
  const { pairs } = await provider.find(identity, hold.call(hold.parts.settings.callTimeoutMs));
  return (await whoseIs(hold.parts, provider, identity, pairs)).whose === 'ours';
}

/** The result, or undefined when it failed. */
const quietly = <T>(work: Promise<T>): Promise<T | undefined> => work.catch(() => undefined);
