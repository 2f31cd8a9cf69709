// Whose is a pair? Told by its tag, its id or when it was made, never by its name. No proof, no deletion.
import type { Identity } from '../identity.ts';
import { hasTags, rowOf } from '../provider-table.ts';
import type { FoundPair, KeyPairProvider } from '../providers/provider.ts';
import type { Attempt } from './attempt.ts';
import type { Ports } from './ports.ts';

/** The tag that every pair of a deployment carries: a constant, because Tencent permits some 1,000 values per tag key. */
export const DEPLOYMENT_TAG = 'keyvend';

interface Claim {
  /** The value of `DEPLOYMENT_TAG` on our pairs. */
  readonly deployment: string;
  /** Every attempt of this identity on record, open or closed. */
  readonly attempts: readonly Attempt[];
  /** How long after a create was signed the cloud can still carry it out, in milliseconds. */
  readonly signatureWindowMs: number;
}

/**
 * What a name holds:
 * - `none`: no pair of that name
 * - `ours`: one pair, made by an attempt of this identity
 * - `foreign`: a pair that is not provably ours, or more than one that could be
 */
type Ownership = { readonly whose: 'none' | 'foreign' } | { readonly whose: 'ours'; readonly pair: FoundPair };

/** @param pairs all pairs of exactly the identity's upstream name */
export async function ownershipOf(
  { ledger, settings }: Ports,
  provider: KeyPairProvider,
  identity: Identity,
  pairs: readonly FoundPair[],
): Promise<Ownership> {
  const claim: Claim = {
    deployment: settings.deployment,
    attempts: [...(await ledger.attempts(identity)).values()],
    signatureWindowMs: settings.signatureWindowMs[identity.provider],
  };
  const [pair, ...others] = pairs;
  if (pair === undefined) return { whose: 'none' };
  return others.length === 0 && isOurs(provider, pair, claim) ? { whose: 'ours', pair } : { whose: 'foreign' };
}

function isOurs(provider: KeyPairProvider, pair: FoundPair, claim: Claim): boolean {
  const byId = claim.attempts.some(({ keyPairId }) => keyPairId !== undefined && keyPairId === pair.id);
  if (byId) return true;
  if (hasTags(provider.provider)) return pair.tags?.[DEPLOYMENT_TAG] === claim.deployment;
  return claim.attempts.some((attempt) => madeDuring(provider, pair, attempt, claim.signatureWindowMs));
}

/**
 * Without tags: made after the name was seen to be free, and no later than our create could land. Both on the cloud's clock,
 * which a `createdAt` gives only coarsely: the real moment is up to `createdAtPrecisionMs` later than it says.
 */
function madeDuring(provider: KeyPairProvider, pair: FoundPair, attempt: Attempt, signatureWindowMs: number): boolean {
  if (attempt.outcome === 'refused' || attempt.absentAt === undefined || pair.createdAt === undefined) return false;
  const earliest = pair.createdAt.getTime();
  const latest = earliest + rowOf(provider.provider).createdAtPrecisionMs;
  const landsBy = attempt.createdByMs + signatureWindowMs;
  return latest > Date.parse(attempt.absentAt) && earliest <= landsBy;
}
