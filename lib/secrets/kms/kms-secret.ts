// What KMS shows of a secret, and what of it is ours. A version counts as stored when it has a stage of its own; ACSCurrent and ACSPrevious
// move by themselves and say nothing about that. Source: DescribeSecret, ListSecretVersionIds; "Versions and stages" of generic secrets.
import type { Identity } from '../../identity.ts';
import { asObject } from '../../transport/json.ts';
import type { StoredSecret, StoredVersion } from '../secret-store.ts';

export const CURRENT = 'ACSCurrent';
export const PREVIOUS = 'ACSPrevious';
/** On the version that a rotation is bringing in. */
export const PENDING = 'keyvend-pending';
/** KMS keeps ten versions of a secret, with those that no stage is on, and deletes the earliest for each one more. */
const MOST_VERSIONS = 10;
/** Of a secret, the two reserved ones among them; so with ours for a pending one, five keys can be stored. */
export const MOST_STAGES = 8;

export interface KmsVersion {
  /** The attempt's id, or that and a number: a key that was stored once more. */
  readonly versionId: string;
  readonly createdAtMs: number;
  readonly stages: readonly string[];
}

export interface KmsSecret {
  readonly name: string;
  readonly tags: ReadonlyMap<string, string>;
  /** Of the key that it is encrypted with, where that is shown. */
  readonly keyId?: string;
  /** Its deletion is scheduled: no version can be read or written until it is restored. */
  readonly deletionScheduled: boolean;
  /** The earliest first. */
  readonly versions: readonly KmsVersion[];
  /** They are not shown while its deletion is scheduled, so there may be some. */
  readonly hidden?: true;
}

const OWN = 'keyvend-';
const UUID_LENGTH = 36;
/** How a stage may be called is on no page; 64 letters, digits, `-` and `_` are what a version's id may have. */
const LONGEST = 64;

/**
 * A stored version's own stage, by which only one version at a time is the attempt's. With the pair's id, where it is known and fits: what is
 * stored beside a key must be written with it. @param id of an attempt, a UUID
 */
export function stageOf(id: string, keyPairId = ''): string {
  const stage = `${OWN}${Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url')}`;
  const whole = `${stage}-${keyPairId}`;
  return /^[A-Za-z0-9-]+$/.test(keyPairId) && whole.length <= LONGEST ? whole : stage;
}

interface Own {
  readonly stage: string;
  readonly id: string;
  readonly keyPairId?: string;
}

/** What a version's own stage says; undefined where it has none, and does not count as stored. */
export function ownOf({ stages }: Pick<KmsVersion, 'stages'>): Own | undefined {
  for (const stage of stages) {
    const [, encoded, keyPairId] = /^keyvend-([\w-]{22})(?:-(.+))?$/.exec(stage) ?? [];
    const hex = Buffer.from(encoded ?? '', 'base64url').toString('hex');
    if (hex.length !== 32) continue;
    const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    return { stage, id, ...(keyPairId !== undefined && { keyPairId }) };
  }
  return undefined;
}

/** The version that an attempt's key is stored in. */
export const versionOf = ({ versions }: Pick<KmsSecret, 'versions'>, id: string): KmsVersion | undefined =>
  versions.find((version) => ownOf(version)?.id === id);

/** The version that has a stage, stored or not. */
export const holderOf = ({ versions }: Pick<KmsSecret, 'versions'>, stage: string): KmsVersion | undefined =>
  versions.find(({ stages }) => stages.includes(stage));

/** The attempt whose key a reader gets who names no version; undefined where none does. */
export const currentId = (secret: KmsSecret): string | undefined => {
  const holder = holderOf(secret, CURRENT);
  if (holder === undefined) return undefined;
  // A key that was stored once more may be current by the version that it had before: readers get the same text.
  const attempt = holder.versionId.slice(0, UUID_LENGTH);
  return ownOf(holder)?.id ?? (versionOf(secret, attempt) === undefined ? undefined : attempt);
};

/**
 * How many keys more can come in before one that is stored would be dropped, by either reading of KMS's pages: that the earliest version goes,
 * or the earliest one without a stage. Times are in whole seconds: of the same second, any may be the earliest.
 */
export function roomIn({ versions }: Pick<KmsSecret, 'versions'>): number {
  const storedFromMs = Math.min(...versions.filter((version) => ownOf(version)).map(({ createdAtMs }) => createdAtMs));
  return MOST_VERSIONS - versions.length + versions.filter(({ createdAtMs }) => createdAtMs < storedFromMs).length;
}

/** Undefined when nothing is stored, or when its deletion is scheduled. */
export function storedSecret(identity: Identity, secret: KmsSecret): StoredSecret | undefined {
  const read = currentId(secret);
  const versions = secret.versions.flatMap((version): StoredVersion[] => {
    const own = ownOf(version);
    if (own === undefined) return [];
    const [current, pending] = [own.id === read, version.stages.includes(PENDING)];
    const pair = own.keyPairId === undefined ? {} : { keyPairId: own.keyPairId };
    return [{ id: own.id, createdAtMs: version.createdAtMs, ...pair, current, pending }];
  });
  if (secret.deletionScheduled || versions.length === 0) return undefined;
  return { identity, reference: secret.name, versions, room: roomIn(secret) };
}

/** Rows of a list, which KMS has in an object of one field. Undefined where it is not that. */
export function rowsIn(list: unknown, field: string): readonly Readonly<Record<string, unknown>>[] | undefined {
  const rows = asObject(list ?? { [field]: [] })?.[field] ?? [];
  return Array.isArray(rows) ? rows.map((row) => asObject(row) ?? {}) : undefined;
}

/** Names by key of `Tags.Tag`. */
export const tagsIn = (tags: unknown): ReadonlyMap<string, string> =>
  new Map((rowsIn(tags, 'Tag') ?? []).map(({ TagKey, TagValue }) => [String(TagKey), String(TagValue)]));

/** Empty, or a time, where it is not to be deleted. */
export const isScheduled = (planned: unknown): boolean => typeof planned === 'string' && planned !== '';
