// keyvend makes the key, and stores it before the cloud is asked: there is no moment at which a pair exists whose key could be lost.
// make, store, import, look, activate. Only a live request imports, each with a key of its own; what stops in between is settled like
// any attempt, and settling never imports: it finds the pair by the key that is on file, or takes the key back.
import { VendingError } from '../errors.ts';
import type { Filed } from '../ledger/ledger.ts';
import { hasTags, rowOf } from '../provider-table.ts';
import type { FoundPair, ImportedPair, KeyPairProvider } from '../providers/provider.ts';
import { quietly } from '../quietly.ts';
import { activate } from './activate.ts';
import { idOf } from './attempt.ts';
import type { AttemptLease } from './attempt-lease.ts';
import { leaveOpen, takeBack } from './close-attempt.ts';
import { inProgress } from './held-lease.ts';
import type { ImportedKey } from './imported-key.ts';
import { madeDuring } from './ownership.ts';
import { acquirePermit } from './rate-limit.ts';
import type { KeyPairRecord } from './record.ts';
import { settleHeld } from './settle.ts';
import { storeFirst } from './store-firmly.ts';
import { evidenceOf, importEvidence } from './verify-key.ts';
import { wantedPair } from './wanted-pair.ts';

/**
 * @param key on file with the attempt, by which the pair is known again
 * @returns what is on record once it counts
 * @throws {VendingError} what provider, store or ledger said; it is seen to already
 */
export async function byImport(
  lease: AttemptLease,
  provider: KeyPairProvider,
  key: ImportedKey,
): Promise<Filed<KeyPairRecord>> {
  const { publicKey, privateKey } = key;
  const stored = privateKey && (await storeFirst(lease, privateKey));
  const answer = await importPair(lease, provider, key);
  const { pair, fingerprint, evidence } = await proven(lease, provider, publicKey, answer);
  const keyPairId = answer.id ?? pair?.id;
  const { requestId } = answer;
  return activate(
    lease,
    {
      ...idOf({ keyPairId }),
      fingerprint,
      publicKey,
      evidence,
      keySource: privateKey === undefined ? 'caller' : 'import',
      ...(stored && { secretReference: stored.reference }),
      ...(requestId !== undefined && { createRequestId: requestId }),
    },
    stored?.current ?? true,
  );
}

async function importPair(
  lease: AttemptLease,
  provider: KeyPairProvider,
  { publicKey, privateKey }: ImportedKey,
): Promise<ImportedPair> {
  try {
    await acquirePermit(lease);
    const call = lease.callLimits(lease.ports.settings.createTimeoutMs);
    return await provider.import({ ...wantedPair(lease), publicKey }, call);
  } catch (error) {
    const isTaken = error instanceof VendingError && error.code === 'NAME_TAKEN';
    // It was sent once, so what has the name was there before; but a name also stays taken for a while when its pair is gone.
    const isTheirs = isTaken && (!hasTags(provider.provider) || (await showsOthers(lease, provider, publicKey)));
    const madeNothing = isTheirs || (error instanceof VendingError && error.effect === 'none');
    await quietly(madeNothing ? takeBack(lease, privateKey !== undefined) : settleHeld(lease, provider));
    throw isTheirs ? new VendingError('NAME_TAKEN', 'A key pair of that name already exists') : error;
  }
}

/** Whether what has the name has another key. */
async function showsOthers(lease: AttemptLease, provider: KeyPairProvider, publicKey: string): Promise<boolean> {
  const call = lease.callLimits(lease.ports.settings.callTimeoutMs);
  const { pairs = [] } = (await quietly(provider.find(lease.record.identity, call))) ?? {};
  return pairs.length > 0 && pairs.every((pair) => evidenceOf(pair, publicKey) === 'contradicts');
}

/**
 * A list that lags may show what an earlier try made of the same key of a caller's, and what is gone by now. The answer's id tells; where
 * the name had to be free, so does the time.
 */
function isOfImport({ ports, record }: AttemptLease, pair: FoundPair, id: string | undefined): boolean {
  if (id !== undefined && pair.id !== undefined) return pair.id === id;
  const { identity, attempt, requestedAtMs: openedAtMs } = record;
  const { createdByMs, absentAt } = attempt;
  if (absentAt === undefined) return true;
  const window = ports.settings.signatureWindowMs[identity.provider];
  return madeDuring(identity.provider, pair, { openedAtMs, createdByMs, absentAt, outcome: 'open' }, window);
}

const LOOKS_AFTER_MS = [0, 300, 1_000, 2_500];

/** The pair as the cloud shows it. Lists lag behind, and an id that only a list tells is needed to delete the pair some day. */
async function proven(lease: AttemptLease, provider: KeyPairProvider, publicKey: string, answer: ImportedPair) {
  const { ports } = lease;
  const { strict, callTimeoutMs, takeOverAfterMs } = ports.settings;
  const { id, fingerprint } = answer;
  const told = { ...idOf({ keyPairId: id }), ...(fingerprint !== undefined && { fingerprint }) };
  const filing = quietly(lease.file({ outcome: 'made', ...told }));
  let seen: FoundPair | undefined;
  for (const pauseMs of LOOKS_AFTER_MS) {
    if (lease.leftToAnswerMs() < pauseMs + callTimeoutMs) break;
    if (pauseMs > 0) await ports.wait(pauseMs);
    const found = await quietly(provider.find(lease.record.identity, lease.callLimits(callTimeoutMs)));
    seen = found?.pairs.length === 1 && isOfImport(lease, found.pairs[0]!, id) ? found.pairs[0] : undefined;
    if (seen !== undefined) break;
  }
  await filing;
  const evidence = importEvidence(seen ?? answer, publicKey, told, strict);
  const needsId = rowOf(provider.provider).removesBy === 'id' && (id ?? seen?.id) === undefined;
  const shown = seen?.fingerprint ?? fingerprint; // an answer with an id alone says nothing of the key
  if (evidence !== undefined && shown !== undefined && !needsId) return { pair: seen, fingerprint: shown, evidence };
  if (seen !== undefined) {
    await quietly(settleHeld(lease, provider));
    throw new VendingError('KEY_UNPROVEN', 'Nothing proves that the pair is the one that was imported', {
      effect: 'unknown',
    });
  }
  await quietly(leaveOpen(lease, ports.clock.wallMs() + takeOverAfterMs));
  throw inProgress(takeOverAfterMs);
}
