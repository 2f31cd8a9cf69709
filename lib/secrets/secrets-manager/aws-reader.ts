// A key for its reader, whose rights are to fetch values: GetSecretValue tells labels as well, so nothing else is asked. Whoever may
// write looks at tags first; here the reader's own rights say whose secrets those are.
import type { Identity } from '../../identity.ts';
import { Secret } from '../../secret.ts';
import { type SecretsManager, unusable } from './aws-calls.ts';
import { nameOf } from './aws-name.ts';
import { ownLabel } from './aws-secret.ts';

/**
 * @param versionId default the version that AWS calls current
 * @returns undefined where nothing is there, or what is there does not count as stored
 * @throws {VendingError} STORE_REFUSED, STORE_UNAVAILABLE
 */
export async function revealToReader(
  manager: SecretsManager,
  prefix: string,
  identity: Identity,
  versionId?: string,
): Promise<Secret | undefined> {
  const name = nameOf(prefix, identity);
  const value = await manager.send(
    'GetSecretValue',
    { SecretId: name, ...(versionId !== undefined && { VersionId: versionId }) },
    'ResourceNotFoundException',
    'InvalidRequestException', // its deletion is scheduled
  );
  if (typeof value === 'string') return undefined;
  const { Name, SecretString, VersionId, VersionStages } = value;
  if (
    Name !== name ||
    typeof SecretString !== 'string' ||
    typeof VersionId !== 'string' ||
    !Array.isArray(VersionStages)
  )
    throw unusable('GetSecretValue');
  return ownLabel(VersionStages.map(String), VersionId) === undefined ? undefined : new Secret(SecretString);
}
