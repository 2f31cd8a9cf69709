// What may be read: metadata of a key pair, and pages of it.
import * as z from 'zod/mini';
import { wholeNumber } from '../numbers.ts';
import { fingerprints } from '../ssh/fingerprint.ts';
import { parsePublicKey, publicKeyBits } from '../ssh/public-key.ts';
import { idOf, keySourceOf, pairNameOf, versionSources } from '../vending/attempt.ts';
import { lingeringName } from '../vending/own-name/slot.ts';
import { type KeyPairRecord, states } from '../vending/record.ts';
import { nextAgeRotation, whyNone } from '../vending/rotation/next-age-rotation.ts';
import type { PolicyDefaults } from '../vending/rotation/policy.ts';
import { rotationStates } from '../vending/rotation/rotation-record.ts';
import type { AgeDefaults } from '../vending/rotation/rotation-schedule.ts';
import { anyNameField, providerField, regionField } from './fields.ts';
import { OwnNameView, ownNameView } from './own-name-view.ts';
import { ReferenceView } from './rotation-answer.ts';

/** A field of the metadata, `-` for the greatest first; `activatedAt` is the current key's. */
export const sortings = [
  'name',
  '-name',
  'requestedAt',
  '-requestedAt',
  'activatedAt',
  '-activatedAt',
  'nextAgeRotationAt',
  '-nextAgeRotationAt',
] as const;
export type Sorting = (typeof sortings)[number];

export const ListQuery = z.strictObject({
  provider: z.optional(providerField()),
  region: z.optional(regionField()),
  state: z.optional(z.enum(states)),
  /** How the name begins. */
  name: z.optional(anyNameField()),
  /** Who asked for it, word for word as the metadata says. */
  requestedBy: z.optional(z.string().check(z.minLength(1), z.maxLength(1_000))),
  /** Whose key has counted since before this moment. RFC 3339, in UTC. */
  activatedBefore: z.optional(z.iso.datetime()),
  /** Default: by provider, region, account and name. What has no such moment comes last. */
  sort: z.optional(z.enum(sortings)),
  limit: z._default(wholeNumber(1, 100), 50),
  cursor: z.optional(z.string().check(z.maxLength(2_000))),
});

/** All that an answer says of a vended key pair. ECS tells no id of a pair that was imported. */
export const KeyPairAnswer = z.strictObject({ keyPairId: z.optional(z.string()), fingerprint: z.string() });

export const KeyPairMetadata = z.strictObject({
  provider: providerField(),
  account: z.string(),
  region: z.string(),
  name: z.string(),
  state: z.enum(states),
  requestedBy: z.string(),
  requestedAt: z.string(),
  /** What it was asked for with, besides its name. */
  tags: z.optional(z.record(z.string(), z.string())),
  resourceGroupId: z.optional(z.string()),
  projectId: z.optional(z.int()),
  /** Of its secret; the key also where it is the grant's. */
  secretTags: z.optional(z.record(z.string(), z.string())),
  secretKey: z.optional(z.string()),
  versions: z.array(
    z.strictObject({
      id: z.string(),
      /** What the pair is called at the cloud: not the name that was asked for, where a rotation made it. */
      keyPairName: z.string(),
      keyPairId: z.optional(z.string()),
      /** Whether readers get this one. */
      current: z.boolean(),
      fingerprint: z.string(),
      /** As `ssh-keygen -l` prints them for the stored key. */
      fingerprints: z.strictObject({ md5: z.string(), sha256: z.string() }),
      publicKey: z.string(),
      evidence: z.enum(['agrees', 'unverified']),
      /** The cloud sent the private key in another spelling than the one that is stored, with text around it for instance. */
      keyRewritten: z.optional(z.literal(true)),
      /** Where the private key is stored; absent of one that is not: a caller's own, or one that was adopted without it. */
      secretReference: z.optional(z.string()),
      /** Who made the key: the cloud, keyvend, or whoever asked; or its pair was there before. */
      keySource: z.enum(versionSources),
      /** As `ssh-keygen -l` counts: the modulus of an RSA key. */
      keyBits: z.int(),
      /** The cloud's own id of the request that made the pair, for its support; absent where that answer was lost. */
      createRequestId: z.optional(z.string()),
      activatedAt: z.string(),
    }),
  ),
  /** The rotations that are not over, and the last few that are. */
  rotations: z.array(z.strictObject({ id: z.string(), state: z.enum(rotationStates) })),
  /** When its key is next rotated for its age, or why it is not. */
  nextAgeRotationAt: z.optional(z.string()),
  noAgeRotation: z.optional(z.enum(whyNone)),
  /** Old pairs, off the hosts, that the cloud does not let go. */
  lingering: z.optional(
    z.array(
      z.strictObject({
        /** The version's. */
        id: z.string(),
        keyPairName: z.string(),
        keyPairId: z.optional(z.string()),
        since: z.string(),
        code: z.string(),
        /** The first of the instances that have it, and how many there are; neither where an image has it, which no call tells. */
        instances: z.array(z.string()),
        count: z.int(),
        /** Instances that did not let it go when they were asked to. */
        notReleased: z.optional(z.array(z.string())),
        references: z.optional(z.array(ReferenceView)),
        seenAt: z.string(),
        nextTryAt: z.string(),
      }),
    ),
  ),
  /** Hosts from which lines of old keys were taken off again, or still have to be. */
  swept: z.optional(
    z.array(
      z.strictObject({
        host: z.string(),
        outcome: z.enum(['ok', 'failed', 'unverified']),
        code: z.optional(z.string()),
        at: z.optional(z.string()),
        /** How many times a line that had been removed was there again. */
        returned: z.int(),
      }),
    ),
  ),
  /** Where its policy has its name kept (`keepName`). */
  ownName: z.optional(OwnNameView),
  /** For what a rotation made: the key pair that it belongs to. It is not a key pair of its own, and no list shows it. */
  successorOf: z.optional(z.string()),
  /** For a key pair that is out of use. */
  retirement: z.optional(
    z.strictObject({
      requestedBy: z.string(),
      requestedAt: z.string(),
      purgeAt: z.string(),
      /** Why it was not purged then: instances have it. It can still be restored. */
      held: z.optional(
        z.strictObject({ code: z.string(), instances: z.array(z.string()), count: z.int(), seenAt: z.string() }),
      ),
    }),
  ),
});
export const KeyPairPage = z.strictObject({ keyPairs: z.array(KeyPairMetadata), cursor: z.optional(z.string()) });

const at = (ms: number): string => new Date(ms).toISOString();

/** @param defaults the age at which keys are due where the key pair's own policy does not say; absent where that is not told */
export function metadataView(record: KeyPairRecord, defaults?: AgeDefaults): z.infer<typeof KeyPairMetadata> {
  const {
    identity,
    state,
    request,
    requestedBy,
    requestedAtMs,
    versions,
    rotations = [],
    successorOf,
    retirement,
  } = record;
  return {
    ...identity,
    state,
    requestedBy,
    requestedAt: at(requestedAtMs),
    ...(request.tags !== undefined && { tags: { ...request.tags } }),
    ...(request.resourceGroupId !== undefined && { resourceGroupId: request.resourceGroupId }),
    ...(request.projectId !== undefined && { projectId: request.projectId }),
    ...(request.secretTags !== undefined && { secretTags: { ...request.secretTags } }),
    ...(request.secretKey !== undefined && { secretKey: request.secretKey }),
    versions: versions.map((version, i) => ({
      id: version.id,
      keyPairName: pairNameOf(identity, version),
      ...idOf(version),
      current: successorOf === undefined && i === versions.length - 1,
      fingerprint: version.fingerprint,
      fingerprints: fingerprints(version.publicKey),
      publicKey: version.publicKey,
      evidence: version.evidence,
      ...(version.keyRewritten && { keyRewritten: true as const }),
      ...(version.secretReference !== undefined && { secretReference: version.secretReference }),
      keySource: keySourceOf(version),
      keyBits: publicKeyBits(parsePublicKey(version.publicKey)),
      ...(version.createRequestId !== undefined && { createRequestId: version.createRequestId }),
      activatedAt: at(version.activatedAtMs),
    })),
    rotations: rotations.map(({ id, state }) => ({ id, state })),
    ...(successorOf === undefined ? {} : { successorOf }),
    ...(retirement && {
      retirement: {
        requestedBy: retirement.requestedBy,
        requestedAt: at(retirement.requestedAtMs),
        purgeAt: at(retirement.purgeAtMs),
        ...(retirement.held && {
          held: {
            ...{ code: retirement.held.code, instances: [...(retirement.held.instances ?? [])] },
            ...{ count: retirement.held.count ?? 0, seenAt: at(retirement.held.seenAtMs) },
          },
        }),
      },
    }),
    ...outgoingView(record),
    ...ownNameView(record),
    ...(defaults !== undefined && ageView(record, defaults)),
  };
}

function ageView(record: KeyPairRecord, defaults: AgeDefaults) {
  const next = nextAgeRotation(record, defaults as PolicyDefaults);
  return 'atMs' in next ? { nextAgeRotationAt: at(next.atMs) } : { noAgeRotation: next.none };
}

function outgoingView(record: KeyPairRecord) {
  const { versions, outgoing } = record;
  if (outgoing === undefined) return {};
  const lingering = outgoing.pairs.flatMap((pair) => {
    const { versionId, held, references, notReleased, nextTryAtMs } = pair;
    const version = versions.find(({ id }) => id === versionId);
    if (held === undefined || version === undefined) return [];
    return {
      ...{ id: versionId, keyPairName: lingeringName(record, version, pair), ...idOf(version) },
      ...{ since: at(held.sinceMs), code: held.code, instances: [...(held.instances ?? [])], count: held.count ?? 0 },
      ...(notReleased && { notReleased: [...notReleased] }),
      ...(references && references.count > 0 && { references: references.found.map((one) => ({ ...one })) }),
      ...{ seenAt: at(held.seenAtMs), nextTryAt: at(nextTryAtMs) },
    };
  });
  const swept = Object.entries(outgoing.hosts).flatMap(([host, { outcome, code, atMs, returned = 0 }]) =>
    returned === 0 && outcome === 'ok'
      ? []
      : { host, outcome, ...(code && { code }), ...(atMs === undefined ? {} : { at: at(atMs) }), returned },
  );
  return { ...(lingering.length > 0 && { lingering }), ...(swept.length > 0 && { swept }) };
}
