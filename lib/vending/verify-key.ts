// Is the key that came the key of the pair that was made? Verified before it is stored, and once more before it counts.
import { VendingError } from '../errors.ts';
import type { FoundPair, MadePair } from '../providers/provider.ts';
import { type Evidence, fingerprintEvidence } from '../ssh/evidence.ts';
import { type PrivateKey, parsePrivateKey } from '../ssh/private-key.ts';
import { samePublicKey } from '../ssh/public-key.ts';

/**
 * Verifies what needs no further call: the key parses, its halves belong together, and the answer's own evidence does not
 * contradict it.
 * @throws {VendingError} KEY_UNREADABLE, KEY_CONTRADICTED
 */
export function verifyMadeKey(made: MadePair): PrivateKey {
  const key = parsePrivateKey(made.privateKey);
  if (evidenceOf(made, key) === 'contradicts') throw contradicted();
  return key;
}

/**
 * The strongest evidence a pair offers: the public key itself where there is one, else the fingerprint.
 * @param key the key, or its public line where the private half is not at hand; the answer is then `unknown-form` more often
 */
export function evidenceOf(pair: Pick<FoundPair, 'publicKey' | 'fingerprint'>, key: PrivateKey | string): Evidence {
  const line = typeof key === 'string' ? key : key.publicKey;
  if (pair.publicKey !== undefined) return samePublicKey(pair.publicKey, line) ? 'agrees' : 'contradicts';
  return pair.fingerprint === undefined ? 'unknown-form' : fingerprintEvidence(pair.fingerprint, key);
}

/** How evidence is recorded if it is enough, else undefined. Evidence of an unknown form is enough unless `strict` is set. */
export const acceptedEvidence = (evidence: Evidence, strict: boolean): 'agrees' | 'unverified' | undefined =>
  evidence === 'agrees' ? evidence : evidence === 'unknown-form' && !strict ? 'unverified' : undefined;

/**
 * What proves that a pair is the one that was imported: its key; or, where its fingerprint has a form that nobody knows, that it is the
 * very one, or has the very id, that the cloud answered the import with. Anything else may be a stranger's, whatever its age.
 * @param told what the import was answered with, as far as that is known
 */
export function importEvidence(
  pair: Pick<FoundPair, 'id' | 'publicKey' | 'fingerprint'>,
  publicKey: string,
  told: { readonly keyPairId?: string; readonly fingerprint?: string },
  strict: boolean,
): 'agrees' | 'unverified' | undefined {
  const evidence = evidenceOf(pair, publicKey);
  const isTold =
    (told.keyPairId !== undefined && told.keyPairId === pair.id) ||
    (told.fingerprint !== undefined && told.fingerprint === pair.fingerprint);
  return evidence === 'agrees' || isTold ? acceptedEvidence(evidence, strict) : undefined;
}

/** Whether a pair belongs to a version of its name: the id decides where the cloud tells it, else contradicting evidence. */
export const isPairOfVersion = (
  { keyPairId, publicKey }: { readonly keyPairId?: string; readonly publicKey: string },
  pair: FoundPair,
): boolean =>
  pair.id === undefined || keyPairId === undefined
    ? evidenceOf(pair, publicKey) !== 'contradicts'
    : pair.id === keyPairId;

const contradicted = () =>
  new VendingError('KEY_CONTRADICTED', 'The key that the cloud sent does not belong to the pair that it made', {
    effect: 'unknown',
  });
