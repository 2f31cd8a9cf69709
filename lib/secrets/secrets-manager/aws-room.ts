// Whether a secret takes one more version. AWS keeps a hundred and clears away the oldest that have no label, but none of the last 24 hours: then
// it refuses to store, which is too late once there is a pair. Source: User Guide, "Quotas"; API Reference, ListSecretVersionIds, PutSecretValue.
import { VendingError } from '../../errors.ts';
import { asObject } from '../../transport/json.ts';
import { unusable } from './aws-calls.ts';
import type { SecretsScope } from './aws-lookup.ts';

const MOST_VERSIONS = 100;
const KEPT_MS = 24 * 60 * 60_000;

/** @throws {VendingError} STORE_UNAVAILABLE with the time until there is room, and what AWS said */
export async function assertRoom({ manager, clock }: SecretsScope, arn: string): Promise<void> {
  const nowMs = clock.wallMs();
  const young: number[] = [];
  let labelled = 0;
  let cursor: unknown;
  do {
    const page = await manager.send('ListSecretVersionIds', {
      SecretId: arn,
      IncludeDeprecated: true,
      MaxResults: MOST_VERSIONS,
      ...(typeof cursor === 'string' && { NextToken: cursor }),
    });
    const { Versions: versions = [] } = page;
    if (!Array.isArray(versions)) throw unusable('ListSecretVersionIds');
    for (const version of versions.map(asObject)) {
      const createdAtMs = Number(version?.CreatedDate) * 1_000;
      if (Array.isArray(version?.VersionStages) && version.VersionStages.length > 0) labelled += 1;
      else if (createdAtMs > nowMs - KEPT_MS) young.push(createdAtMs);
    }
    cursor = page.NextToken;
  } while (typeof cursor === 'string' && cursor !== '');
  if (labelled + young.length < MOST_VERSIONS) return;
  // The one that makes room, once it is a day old. Where all of them have labels, none does; a rotation moves keys away long before.
  const next = young.sort((a, b) => a - b)[labelled + young.length - MOST_VERSIONS];
  throw new VendingError(
    'STORE_UNAVAILABLE',
    'So many keys were stored under this name within a day that AWS takes no more for now',
    next === undefined ? {} : { retryAfterMs: next + KEPT_MS - nowMs },
  );
}
