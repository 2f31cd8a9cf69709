// A key for its reader, whose rights are to fetch values: GetSecretValue tells stages as well, so nothing else is asked. Whoever may write
// looks at tags first; here the reader's own rights say whose secrets those are.
import type { Identity } from '../../identity.ts';
import { Secret } from '../../secret.ts';
import { type Kms, unusable } from './kms-calls.ts';
import { stagesIn } from './kms-lookup.ts';
import { nameOf, PREFIX } from './kms-name.ts';
import { ownOf } from './kms-secret.ts';

/**
 * @param id of an attempt; default the one whose key KMS calls current
 * @returns undefined where nothing is there, or what is there does not count as stored
 * @throws {VendingError} STORE_REFUSED, STORE_UNAVAILABLE
 */
export async function revealToReader(kms: Kms, identity: Identity, id?: string): Promise<Secret | undefined> {
  const SecretName = nameOf(PREFIX, identity);
  const value = await kms.send(
    'GetSecretValue',
    { SecretName, VersionId: id },
    'Forbidden.ResourceNotFound',
    'Rejected.ResourceInDeleteWindow',
  );
  if (typeof value === 'string') return undefined;
  const stages = stagesIn(value.VersionStages);
  if (value.SecretName !== SecretName || typeof value.SecretData !== 'string' || stages === undefined)
    throw unusable('GetSecretValue');
  return ownOf({ stages }) === undefined ? undefined : new Secret(value.SecretData);
}
