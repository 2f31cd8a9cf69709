// Where one deployment's secrets are in KMS, and whether they are its own.
import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import type { Kms } from './kms-calls.ts';
import { unusable } from './kms-calls.ts';
import { isOurs, nameOf } from './kms-name.ts';
import { isScheduled, type KmsSecret, type KmsVersion, rowsIn, tagsIn } from './kms-secret.ts';

export interface KmsScope {
  readonly kms: Kms;
  readonly deployment: string;
  readonly prefix: string;
  /** Where new secrets are kept, and under which key. */
  readonly instance?: string;
  readonly instanceKey?: string;
  readonly recoveryWindowDays: number;
  /** Whether a put may read what it finds; otherwise it takes KMS's word for whether that is the same key. */
  readonly readsKeys: boolean;
  /** Names of secrets that were just made, or found to be ours, open and with room, and whether they were made; each serves one put. */
  readonly prepared: Map<string, { readonly isNew: boolean }>;
}

/**
 * The identity's secret, even when its deletion is scheduled: two calls, side by side.
 * @returns undefined when there is none
 * @throws {VendingError} SECRET_NOT_OURS when somebody else made it; nothing is written before this was checked
 */
export async function describeSecret(scope: KmsScope, identity: Identity): Promise<KmsSecret | undefined> {
  const name = nameOf(scope.prefix, identity);
  const [shown, versions] = await Promise.all([
    scope.kms.send('DescribeSecret', { SecretName: name, FetchTags: 'true' }, 'Forbidden.ResourceNotFound'),
    versionsOf(scope, name),
  ]);
  const deletionScheduled = typeof shown !== 'string' && isScheduled(shown.PlannedDeleteTime);
  if (typeof shown === 'string' || (versions === undefined && !deletionScheduled)) return undefined;
  const tags = tagsIn(shown.Tags);
  if (shown.SecretName !== name || !isOurs(tags, scope.deployment, identity))
    throw new VendingError('SECRET_NOT_OURS', 'A secret of that name exists that this deployment did not make');
  const { EncryptionKeyId: keyId } = shown;
  return {
    ...{ name, tags, deletionScheduled },
    ...(typeof keyId === 'string' && keyId !== '' && { keyId }),
    ...(versions === undefined ? { versions: [], hidden: true } : { versions }),
  };
}

/** More pages than ten versions can have, if a service did not keep to its own sizes. */
const MOST_PAGES = 10;

/** All versions, with those that no stage is on, the earliest first. @returns undefined where there is no such secret */
export async function versionsOf(
  { kms }: Pick<KmsScope, 'kms'>,
  name: string,
): Promise<readonly KmsVersion[] | undefined> {
  const found = new Map<string, KmsVersion>();
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer = await kms.send(
      'ListSecretVersionIds',
      { SecretName: name, IncludeDeprecated: 'true', PageNumber: String(page), PageSize: '20' },
      'Forbidden.ResourceNotFound',
    );
    if (typeof answer === 'string') return undefined;
    const rows = rowsIn(answer.VersionIds, 'VersionId');
    if (rows === undefined) throw unusable('ListSecretVersionIds');
    for (const version of rows.map(versionIn)) found.set(version.versionId, version);
    if (rows.length === 0 || found.size >= Number(answer.TotalCount)) break;
  }
  return [...found.values()].sort((a, b) => a.createdAtMs - b.createdAtMs);
}

function versionIn({ VersionId, CreateTime, VersionStages }: Readonly<Record<string, unknown>>): KmsVersion {
  const createdAtMs = Date.parse(String(CreateTime));
  const stages = stagesIn(VersionStages);
  if (typeof VersionId !== 'string' || Number.isNaN(createdAtMs) || stages === undefined)
    throw unusable('ListSecretVersionIds');
  return { versionId: VersionId, createdAtMs, stages };
}

/** `VersionStages.VersionStage`, which is not there for none. */
export function stagesIn(list: unknown): readonly string[] | undefined {
  const stages = (list as { VersionStage?: unknown } | null | undefined)?.VersionStage ?? [];
  return Array.isArray(stages) ? stages.map(String) : undefined;
}

/** The text of a version; undefined when there is no such version or the secret cannot be read now. */
export async function secretText(
  { kms }: Pick<KmsScope, 'kms'>,
  name: string,
  versionId: string,
): Promise<string | undefined> {
  const value = await kms.send(
    'GetSecretValue',
    { SecretName: name, VersionId: versionId },
    'Forbidden.ResourceNotFound',
    'Rejected.ResourceInDeleteWindow',
  );
  if (typeof value === 'string') return undefined;
  if (typeof value.SecretData !== 'string' || value.VersionId !== versionId) throw unusable('GetSecretValue');
  return value.SecretData;
}
