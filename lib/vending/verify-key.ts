// Is the key that came the key of the pair that was made? Looked at before it is stored, and once more before it counts.
import { VendingError } from '../errors.ts';
import type { FoundPair, MadePair } from '../providers/provider.ts';
import { type Evidence, fingerprintEvidence } from '../ssh/evidence.ts';
import { type PrivateKey, parsePrivateKey } from '../ssh/private-key.ts';
import { samePublicKey } from '../ssh/public-key.ts';

/**
 * What needs no further call: the key parses, its halves belong together, and the answer's own evidence does not speak
 * against it.
 * @throws {VendingError} KEY_UNREADABLE, KEY_CONTRADICTED
 */
export function verifyMadeKey(made: MadePair): PrivateKey {
  const key = parsePrivateKey(made.privateKey);
  if (evidenceOf(made, key) === 'contradicts') throw contradicted();
  return key;
}

/**
 * The strongest evidence a pair offers: the public key itself where there is one, else the fingerprint.
 * @param key the key, or its public line where the private half is not at hand; `unknown-form` is then more often the answer
 */
export function evidenceOf(pair: Pick<FoundPair, 'publicKey' | 'fingerprint'>, key: PrivateKey | string): Evidence {
  const line = typeof key === 'string' ? key : key.publicKey;
  if (pair.publicKey !== undefined) return samePublicKey(pair.publicKey, line) ? 'agrees' : 'contradicts';
  return pair.fingerprint === undefined ? 'unknown-form' : fingerprintEvidence(pair.fingerprint, key);
}

/** What evidence is recorded as when it is enough; undefined when it is not. Of an unknown form it is, unless that is `strict`. */
export const acceptedEvidence = (evidence: Evidence, strict: boolean): 'agrees' | 'unverified' | undefined =>
  evidence === 'agrees' ? evidence : evidence === 'unknown-form' && !strict ? 'unverified' : undefined;

/** Whether a pair of a version's name is the version's own: by its id where the cloud tells it, else by what speaks against it. */
export const isPairOfVersion = (
  { keyPairId, publicKey }: { readonly keyPairId: string; readonly publicKey: string },
  pair: FoundPair,
): boolean => (pair.id === undefined ? evidenceOf(pair, publicKey) !== 'contradicts' : pair.id === keyPairId);

const contradicted = () =>
  new VendingError('KEY_CONTRADICTED', 'The key the cloud sent is not that of the pair it made', { effect: 'unknown' });
