// What AWS shows of a secret, and what of it is ours. A version counts as stored when it has a label of its own,
// `keyvend-<version id>`: AWS's labels (AWSCURRENT, AWSPREVIOUS) move by themselves and say nothing about that.
// Source: AWS Secrets Manager API Reference, DescribeSecret and ListSecrets; General Reference, tag restrictions.

import { type Identity, identityKey } from '../../identity.ts';
import { sha256Hex } from '../../sha256.ts';
import { asObject } from '../../transport/json.ts';
import type { StoredSecret } from '../secret-store.ts';

export const CURRENT = 'AWSCURRENT';
export const PREVIOUS = 'AWSPREVIOUS';
/** On the version that AWS makes when it begins a rotation of its own: it is to be filled, and keeps the label until AWS takes it off. */
export const AWAITED = 'AWSPENDING';
/** Ours, because AWSPENDING belongs to AWS's own rotation: left on a version, it keeps RotateSecret from starting. */
export const PENDING = 'keyvend-pending';
/**
 * With the pair's id, where it is known: what is stored beside a key must be written with it. Some 70 of a label's 256
 * characters. AWS permits 20 labels on a secret's versions together, so some 17 can be stored.
 */
export const labelOf = (versionId: string, keyPairId = ''): string =>
  `keyvend-${versionId}${/^[A-Za-z0-9-]{1,128}$/.test(keyPairId) ? `/${keyPairId}` : ''}`;

/** A version's own label among all of its labels; without one it does not count as stored. */
export const ownLabel = (labels: readonly string[] | undefined, versionId: string): string | undefined =>
  labels?.find((label) => label === labelOf(versionId) || label.startsWith(`${labelOf(versionId)}/`));

export interface AwsSecret {
  readonly arn: string;
  readonly name: string;
  readonly tags: ReadonlyMap<string, string>;
  /** Of the key that it is encrypted with, in AWS's words; absent for the account's own. */
  readonly kmsKeyId?: string;
  /** Its deletion is scheduled: no version can be read or written until it is restored. */
  readonly deletionScheduled: boolean;
  /** Labels by version id. Versions without any are not shown. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
}

/** @returns undefined where AWS's answer is not what its documentation says */
export function awsSecret(shown: Readonly<Record<string, unknown>>): AwsSecret | undefined {
  const { ARN: arn, Name: name, Tags: tags, KmsKeyId: kmsKeyId, DeletedDate: deleted } = shown;
  const labels = asObject(shown.VersionIdsToStages ?? shown.SecretVersionsToStages ?? {});
  if (typeof arn !== 'string' || typeof name !== 'string' || labels === undefined) return undefined;
  const pairs = (Array.isArray(tags) ? tags : []).map((tag) => [String(tag?.Key), String(tag?.Value)] as const);
  return {
    arn,
    name,
    tags: new Map(pairs),
    ...(typeof kmsKeyId === 'string' && kmsKeyId !== '' && { kmsKeyId }),
    deletionScheduled: deleted !== undefined && deleted !== null,
    labels: new Map(Object.entries(labels).map(([id, list]) => [id, Array.isArray(list) ? list.map(String) : []])),
  };
}

export const isStored = ({ deletionScheduled: scheduled, labels }: AwsSecret, versionId: string): boolean =>
  !scheduled && ownLabel(labels.get(versionId), versionId) !== undefined;

export const storedIds = (secret: AwsSecret): string[] =>
  [...secret.labels.keys()].filter((id) => isStored(secret, id));

/** The version that has a label, stored or not. */
export const holderOf = ({ labels }: AwsSecret, label: string): string | undefined =>
  [...labels].find(([, list]) => list.includes(label))?.[0];

/** The version that AWS hands to a reader who names none, stored or not. */
export const currentId = (secret: AwsSecret): string | undefined => holderOf(secret, CURRENT);

/** Undefined when nothing is stored. AWS shows no version's age here. */
export function storedSecret(identity: Identity, secret: AwsSecret): StoredSecret | undefined {
  const [current, pending] = [currentId(secret), holderOf(secret, PENDING)];
  const versions = storedIds(secret).map((id) => {
    const [, keyPairId] = ownLabel(secret.labels.get(id), id)?.split('/') ?? [];
    return { id, ...(keyPairId && { keyPairId }), current: id === current, pending: id === pending };
  });
  return versions.length === 0 ? undefined : { identity, reference: secret.arn, versions };
}

export const DEPLOYMENT_TAG = 'keyvend';
const IDENTITY_TAG = 'keyvend-identity';

/** Both are compared before anything is changed. All characters of an identity are permitted in a tag's value. */
export const tagsOf = (deployment: string, identity: Identity): Record<string, string> => ({
  [DEPLOYMENT_TAG]: deployment,
  [IDENTITY_TAG]: tagValue(identityKey(identity)),
});

/** At most 256 characters; what is longer is replaced by its digest, which no identity can look like. */
const tagValue = (key: string): string => (key.length <= 256 ? key : `sha256/${sha256Hex(key)}`);

export const isOurs = ({ tags }: AwsSecret, deployment: string, identity: Identity): boolean =>
  Object.entries(tagsOf(deployment, identity)).every(([tag, value]) => tags.get(tag) === value);

/** @throws {TypeError} for a deployment id that AWS refuses in a tag or a filter (ListSecrets: a leading `!` negates) */
export function checkedDeployment(deployment: string): string {
  if (!/^[A-Za-z0-9 _.:/=+@-]{1,256}$/.test(deployment)) throw new TypeError('the deployment id cannot be an AWS tag');
  return deployment;
}
