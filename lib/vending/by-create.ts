// The cloud makes the key pair, and hands its key out once: until it is stored, the key exists only in this process. create, verify,
// store, look, activate.
import { VendingError } from '../errors.ts';
import type { Filed } from '../ledger/ledger.ts';
import { hasTags, rowOf } from '../provider-table.ts';
import type { FoundPair, KeyPairProvider, MadePair } from '../providers/provider.ts';
import { quietly } from '../quietly.ts';
import type { PrivateKey } from '../ssh/private-key.ts';
import { activate } from './activate.ts';
import type { AttemptLease } from './attempt-lease.ts';
import { closeAttempt, closeRemoved, leaveOpen, removePair, removeVersion } from './close-attempt.ts';
import { type EarlyLook, lookEarly } from './early-look.ts';
import { ownershipOf } from './ownership.ts';
import { acquirePermit } from './rate-limit.ts';
import type { KeyPairRecord } from './record.ts';
import { settleHeld } from './settle.ts';
import { storeFirmly } from './store-firmly.ts';
import { acceptedEvidence, evidenceOf, verifyMadeKey } from './verify-key.ts';
import { wantedPair } from './wanted-pair.ts';

/** @returns what is on record once it counts @throws {VendingError} what provider, store or ledger said; it is seen to already */
export async function byCreate(lease: AttemptLease, provider: KeyPairProvider): Promise<Filed<KeyPairRecord>> {
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
  return activate(
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
}

interface Created {
  readonly made: MadePair;
  /** Under way already. */
  readonly look: EarlyLook | undefined;
}

async function create(lease: AttemptLease, provider: KeyPairProvider): Promise<Created> {
  const { settings } = lease.ports;
  const look = lookEarly(lease, provider);
  try {
    await acquirePermit(lease);
    const call = { ...lease.callLimits(settings.createTimeoutMs), ...(look && { onSent: look.begin }) };
    const made = await provider.create(wantedPair(lease), call);
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
