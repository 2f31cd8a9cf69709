// Whose is a pair? Told by tag and by what is on file of an attempt, never by its name. No proof, no deletion.
import type { Identity } from '../identity.ts';
import { hasTags, rowOf } from '../provider-table.ts';
import type { FoundPair, KeyPairProvider } from '../providers/provider.ts';
import type { Attempt } from './attempt.ts';
import type { Ports } from './ports.ts';
import { evidenceOf } from './verify-key.ts';

/** The tag every pair of a deployment carries: a constant, because Tencent permits some 1,000 values per tag key. */
export const DEPLOYMENT_TAG = 'keyvend';

/** A create that was signed in time may be carried out this much later than its signature could still be accepted. */
export const CARRIED_OUT_MS = 60_000;

interface Claim {
  /** The deployment's name, which was the tag before there were ids. */
  readonly deployment: string;
  /** Every attempt of this identity on file, open or closed. */
  readonly attempts: readonly Attempt[];
  /** How long after a create was signed the cloud can still carry it out, in milliseconds. */
  readonly signatureWindowMs: number;
}

/**
 * What a name holds:
 * - `none`: no pair of that name
 * - `ours`: one pair, made by an attempt of this identity. Where the cloud lets several have one name, and it has an id, it is told by
 *   its key; `twins` are more of ours, by tries that came in late
 * - `unrecorded`: one pair that carries the deployment's own tag, and no attempt on file explains it: the ledger was put back, or
 *   somebody else set the tag
 * - `foreign`: a pair that is not provably ours, or more than one that could be
 */
export type Ownership =
  | { readonly whose: 'none' | 'foreign' | 'unrecorded' }
  | { readonly whose: 'ours'; readonly pair: FoundPair; readonly twins?: readonly FoundPair[] };

/** @param pairs all pairs of exactly the identity's upstream name */
export async function ownershipOf(
  { ledger, settings, deployment }: Ports,
  provider: KeyPairProvider,
  identity: Identity,
  pairs: readonly FoundPair[],
): Promise<Ownership> {
  const [pair, ...others] = pairs;
  if (pair === undefined) return { whose: 'none' };
  const [{ tag, earlier }, attempts] = await Promise.all([deployment.tags(), ledger.attempts(identity)]);
  const claim: Claim = {
    deployment: settings.deployment,
    attempts: [...attempts.values()],
    signatureWindowMs: settings.signatureWindowMs[identity.provider],
  };
  if (others.length > 0) {
    const [own, ...twins] = pairs.filter((one) => one.id !== undefined && isOnFile(provider, one, byKey(claim, one)));
    return own === undefined ? { whose: 'foreign' } : { whose: 'ours', pair: own, twins };
  }
  if (isOnFile(provider, pair, claim)) return { whose: 'ours', pair };
  return { whose: [tag, ...earlier].includes(pair.tags?.[DEPLOYMENT_TAG] ?? '') ? 'unrecorded' : 'foreign' };
}

/** With the attempts that had this very key: nothing else tells two pairs of a name apart. */
const byKey = ({ attempts, ...claim }: Claim, pair: FoundPair): Claim => ({
  ...claim,
  attempts: attempts.filter(({ publicKey }) => publicKey !== undefined && evidenceOf(pair, publicKey) === 'agrees'),
});

/**
 * By the tag of an attempt and what the cloud answered to it; where that is not known, by when it could have made the pair. The
 * tag is necessary and never enough: anybody can set one, and import a public key that we published. What was imported has its own key.
 */
const isOnFile = ({ provider }: KeyPairProvider, pair: FoundPair, { deployment, attempts, signatureWindowMs }: Claim) =>
  attempts.some(
    (attempt) =>
      attempt.adopts !== true &&
      (!hasTags(provider) || pair.tags?.[DEPLOYMENT_TAG] === (attempt.tag ?? deployment)) &&
      mayHaveKey(pair, attempt) &&
      (isSame(attempt.keyPairId, pair.id) ||
        (hasTags(provider) && isSame(attempt.fingerprint, pair.fingerprint)) ||
        madeDuring(provider, pair, attempt, signatureWindowMs)),
  );

const mayHaveKey = (pair: FoundPair, { publicKey }: Attempt): boolean =>
  publicKey === undefined || evidenceOf(pair, publicKey) !== 'contradicts';

const isSame = (filed: string | undefined, shown: string | undefined): boolean =>
  filed !== undefined && filed === shown;

/**
 * Both moments are on the cloud's clock, by which it also judges a signature: a create cannot be carried out a signature window
 * before or after it was signed. `createdAt` is coarse: the real moment is up to `createdAtPrecisionMs` later than it says.
 * Without tags the pair must have been made after the name was seen to be free.
 */
export function madeDuring(provider: FoundIn, pair: FoundPair, attempt: Attempt, signatureWindowMs: number): boolean {
  const { outcome, absentAt, openedAtMs, createdByMs } = attempt;
  if (outcome === 'refused') return false;
  const tagged = hasTags(provider);
  if (pair.createdAt === undefined) return tagged;
  if (!tagged && absentAt === undefined) return false;
  const earliest = pair.createdAt.getTime();
  const latest = earliest + rowOf(provider).createdAtPrecisionMs;
  const from = tagged ? openedAtMs - signatureWindowMs : Date.parse(absentAt ?? '');
  const landsBy = createdByMs + signatureWindowMs + (tagged ? CARRIED_OUT_MS : 0);
  return latest > from && earliest <= landsBy;
}
type FoundIn = KeyPairProvider['provider'];
