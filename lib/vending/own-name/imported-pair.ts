// Is what has the name the pair that we imported? By the tag, where there are tags, and by the key; and made when our import could
// have made it. A stranger may have set the tag, and imported a public key that we publish.
import { hasTags } from '../../provider-table.ts';
import type { FoundPair, KeyPairProvider } from '../../providers/provider.ts';
import type { Version } from '../attempt.ts';
import { CARRIED_OUT_MS, DEPLOYMENT_TAG, madeDuring } from '../ownership.ts';
import type { Ports } from '../ports.ts';
import { evidenceOf } from '../verify-key.ts';
import type { HeldName, NameImport } from './slot-record.ts';

/** After this moment, by the cloud's clock or ours, an import that was signed in time is not carried out any more. */
export const landsByMs = (
  { settings }: Pick<Ports, 'settings'>,
  provider: KeyPairProvider['provider'],
  one: NameImport,
) => one.createdByMs + settings.signatureWindowMs[provider] + CARRIED_OUT_MS + settings.takeOverAfterMs;

export function isImported(
  { settings }: Pick<Ports, 'settings'>,
  { provider }: Pick<KeyPairProvider, 'provider'>,
  pair: FoundPair,
  { publicKey }: Pick<Version, 'publicKey'>,
  one: NameImport & Pick<HeldName, 'fingerprint'>,
): boolean {
  const isAnswered = one.fingerprint !== undefined && one.fingerprint === pair.fingerprint;
  // Only what agrees counts: evidence of an unknown form may be a stranger's.
  if (!isAnswered && evidenceOf(pair, publicKey) !== 'agrees') return false;
  if (hasTags(provider) && pair.tags?.[DEPLOYMENT_TAG] !== one.tag) return false;
  const { openedAtMs, createdByMs, absentAt } = one;
  const attempt = { openedAtMs, createdByMs, absentAt, outcome: 'open' } as const;
  return (
    (pair.createdAt === undefined && isAnswered) ||
    madeDuring(provider, pair, attempt, settings.signatureWindowMs[provider])
  );
}
