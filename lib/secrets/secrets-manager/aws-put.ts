// Storing a key in AWS Secrets Manager: one secret per identity, one version per attempt.
// Source: AWS Secrets Manager API Reference, CreateSecret, PutSecretValue, RestoreSecret.
import { randomUUID } from 'node:crypto';
import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import type { Secret } from '../../secret.ts';
import type { SecretTraits } from '../../secret-traits.ts';
import type { StoredKey } from '../secret-store.ts';
import { unusable } from './aws-calls.ts';
import { describeSecret, labelVersion, type SecretsScope, secretText } from './aws-lookup.ts';
import { nameOf } from './aws-name.ts';
import { assertRoom } from './aws-room.ts';
import { AWAITED, type AwsSecret, CURRENT, holderOf, labelOf, ownLabel, tagsOf } from './aws-secret.ts';
import { awsTags, giveTraits } from './aws-traits.ts';

/** AWS is eventually consistent, and others may delete and restore meanwhile; some 3 s in all before we give up. */
const ROUNDS = 5;
const MOST_PREPARED = 1_000;
const DESCRIPTION =
  'Private key of an SSH key pair, kept by keyvend. Versions are attempts, labelled keyvend-<version id>.';

export interface NewVersion {
  readonly versionId: string;
  readonly key: Secret;
  readonly keyPairId?: string | undefined;
  readonly traits?: SecretTraits | undefined;
}

interface Opened {
  readonly arn: string;
  /** Just made, so it has no version. */
  readonly empty: boolean;
  /** Made by us a moment ago: rights that are bound to its tags may not have reached all of AWS yet. */
  readonly isNew?: true;
  readonly labelled: boolean;
  /** The version that AWS has made for its own rotation, and waits to be filled. */
  readonly awaited?: string | undefined;
  /** As it was found, if it was. */
  readonly found?: AwsSecret;
}

/** See `SecretStore.prepare`. A put that follows is then one call, with nothing between getting a key and storing it. */
export async function prepare(scope: SecretsScope, identity: Identity, traits: SecretTraits = {}): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    await scope.manager.pause(round);
    const opened = await open(scope, identity, traits);
    if (opened === undefined) continue;
    const { found, ...rest } = opened;
    if (!opened.empty) await assertRoom(scope, opened.arn);
    if (found !== undefined && !(await giveTraits(scope, found, traits))) continue;
    if (scope.prepared.size >= MOST_PREPARED) scope.prepared.clear(); // for puts that never came; the next put looks for itself
    scope.prepared.set(nameOf(scope.prefix, identity), rest);
    return;
  }
  throw new VendingError('STORE_UNAVAILABLE', 'The secret was created, deleted or restored while it was prepared');
}

/** See `SecretStore.put`; the reference is the secret's ARN. */
export async function put(scope: SecretsScope, identity: Identity, version: NewVersion): Promise<StoredKey> {
  const { versionId } = version;
  const name = nameOf(scope.prefix, identity);
  const prepared = scope.prepared.get(name);
  scope.prepared.delete(name);
  // AWS refuses an id that is there already; it is then checked below.
  let isNew = prepared?.isNew === true;
  const denied: VendingError[] = [];
  const kept = (to: Opened) =>
    keep(scope, identity, to, version).catch((error: unknown) => {
      if (!isNew || !isDenied(error)) throw error;
      denied.push(error);
      return undefined;
    });
  const stored = prepared && (await kept({ ...prepared, empty: true, labelled: false }));
  if (stored !== undefined) return stored;
  for (let round = 0; round < ROUNDS; round += 1) {
    await scope.manager.pause(round);
    const opened = await open(scope, identity, version.traits, versionId);
    isNew ||= opened?.isNew === true;
    const later = opened && (await kept(opened));
    if (later !== undefined) return later;
  }
  if (denied.length > 0) throw notYetAllowed(denied.at(-1)!);
  const what = 'The secret was created, deleted or restored while a version was written';
  throw new VendingError('STORE_UNAVAILABLE', what, { effect: 'unknown' });
}

/**
 * A secret of ours that takes versions, made or restored if need be; undefined when the caller should look again. It is made
 * without a value: the value then comes with its label in one step, and nothing is ever stored that does not count as stored.
 */
async function open(
  scope: SecretsScope,
  identity: Identity,
  { secretTags, secretKey = scope.kmsKeyId }: SecretTraits = {},
  versionId?: string,
): Promise<Opened | undefined> {
  const { manager, prefix, deployment } = scope;
  const made = await manager.send(
    'CreateSecret',
    {
      Name: nameOf(prefix, identity),
      ClientRequestToken: versionId ?? randomUUID(),
      Description: DESCRIPTION,
      Tags: awsTags({ ...secretTags, ...tagsOf(deployment, identity) }),
      ...(secretKey === undefined ? {} : { KmsKeyId: secretKey }),
    },
    'ResourceExistsException',
    'InvalidRequestException', // the name belongs to a secret whose deletion is scheduled
  );
  if (typeof made !== 'string') {
    if (typeof made.ARN !== 'string') throw unusable('CreateSecret');
    return { arn: made.ARN, empty: true, isNew: true, labelled: false };
  }
  const secret = await describeSecret(scope, identity);
  if (secret === undefined) return undefined;
  const { arn, deletionScheduled: scheduled, labels } = secret;
  if (scheduled) {
    const input = { SecretId: arn };
    const restored = await manager.send(
      'RestoreSecret',
      input,
      'InvalidRequestException',
      'InvalidParameterException',
      'ResourceNotFoundException',
    );
    if (typeof restored === 'string') return undefined;
  }
  const labelled = versionId !== undefined && ownLabel(labels.get(versionId), versionId) !== undefined;
  return { arn, empty: false, labelled, awaited: holderOf(secret, AWAITED), found: secret };
}

/**
 * @returns undefined when the caller should look again
 * @throws {VendingError} VERSION_TAKEN. AWS ignores a put of the same value and refuses one of another, but not every service that
 * speaks its protocol does. So a version that is there is read and compared first, by a process that may.
 */
async function keep(
  scope: SecretsScope,
  identity: Identity,
  to: Opened,
  { versionId, key, keyPairId }: NewVersion,
): Promise<StoredKey | undefined> {
  const { arn, empty, labelled, awaited } = to;
  const stored = { reference: arn, current: false };
  const standing = empty || !scope.readsKeys ? undefined : await secretText(scope, arn, versionId);
  if (standing !== undefined) {
    if (standing !== key.reveal()) throw taken();
    return labelled || (await labelVersion(scope, identity, arn, versionId)) ? stored : undefined;
  }
  const put = await scope.manager.send(
    'PutSecretValue',
    {
      SecretId: arn,
      ClientRequestToken: versionId,
      SecretString: key.reveal(),
      // Without one AWS moves AWSCURRENT here. Whether a put replaces the label that AWS gave its own version or adds to it, it does not say.
      VersionStages: [labelOf(versionId, keyPairId), ...(awaited === versionId ? [AWAITED] : [])],
    },
    'ResourceExistsException', // a version that we could not read yet: look again, and compare
    'InvalidRequestException',
    'ResourceNotFoundException',
  );
  if (put === 'ResourceExistsException' && !scope.readsKeys) throw taken();
  if (typeof put === 'string') return undefined;
  const { VersionId, VersionStages } = put;
  if (VersionId !== versionId || !Array.isArray(VersionStages)) throw unusable('PutSecretValue');
  if (ownLabel(VersionStages.map(String), versionId) !== undefined)
    return { ...stored, current: VersionStages.includes(CURRENT) };
  return (await labelVersion(scope, identity, arn, versionId)) ? stored : undefined;
}

const taken = () => new VendingError('VERSION_TAKEN', 'Another key is stored under this version');

const isDenied = (error: unknown): error is VendingError =>
  error instanceof VendingError && error.code === 'STORE_REFUSED' && error.upstreamCode === 'AccessDeniedException';

/** Nothing was stored, and a later try may well do it: AWS is eventually consistent in what it allows, too. */
const notYetAllowed = ({ upstreamCode }: VendingError) =>
  new VendingError(
    'STORE_UNAVAILABLE',
    'The secrets manager does not let the secret that was just made be filled yet',
    {
      ...(upstreamCode !== undefined && { upstreamCode }),
    },
  );
