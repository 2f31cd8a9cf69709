// Turns the record into what a caller learns of a rotation and of a policy. Apart from the schemas, which answers do not need.
import type * as z from 'zod/mini';
import { outOfBounds } from '../policy-bounds.ts';
import { fingerprints } from '../ssh/fingerprint.ts';
import { idOf, pairNameOf } from '../vending/attempt.ts';
import type { KeyPairRecord } from '../vending/record.ts';
import {
  boundsOf,
  hostName,
  listedHostsOf,
  type PolicyDefaults,
  policyOf,
  wantedPolicyOf,
} from '../vending/rotation/policy.ts';
import { type HostProgress, isOver, type Rotation } from '../vending/rotation/rotation-record.ts';
import type { PolicyAnswer } from './policy-body.ts';
import { adviceFor } from './rotation-advice.ts';
import type { RotationAnswer } from './rotation-answer.ts';

const at = (ms: number): string => new Date(ms).toISOString();

/** @param defaults what applies where the key pair's own policy says nothing */
export function rotationView(
  record: KeyPairRecord,
  rotation: Rotation,
  defaults: PolicyDefaults,
): z.infer<typeof RotationAnswer> {
  const { successor, lastError, nextTryAtMs, promotedAtMs, endedAtMs, stalledAtMs, references, retargeted } = rotation;
  // Once the hosts are done, what is left of it is the old pair.
  const old = record.outgoing?.pairs.find(({ versionId }) => versionId === rotation.from.id);
  const error = old?.held ? { code: old.held.code, atMs: old.held.seenAtMs } : lastError;
  const dueAtMs = old?.nextTryAtMs ?? nextTryAtMs;
  return {
    id: rotation.id,
    state: rotation.state,
    driver: rotation.driver,
    reason: rotation.reason,
    requestedBy: rotation.requestedBy,
    requestedAt: at(rotation.requestedAtMs),
    from: { ...idOf(rotation.from), fingerprint: rotation.from.fingerprint },
    ...(successor && {
      successor: {
        keyPairName: rotation.successorName,
        ...idOf(successor),
        fingerprint: successor.fingerprint,
      },
    }),
    hosts: hostsOf(record, rotation, defaults),
    failures: rotation.failures,
    ...(error && { lastError: { code: error.code, detail: adviceFor(error.code), at: at(error.atMs) } }),
    ...(dueAtMs === undefined ? {} : { nextTryAt: at(dueAtMs) }),
    ...(stalledAtMs === undefined ? {} : { stalledAt: at(stalledAtMs) }),
    ...(references && references.count > 0 && { references: references.found.map((one) => ({ ...one })) }),
    ...(retargeted && {
      retargeted: { done: [...retargeted.done], left: retargeted.left.map((one) => ({ ...one })) },
    }),
    ...(promotedAtMs === undefined ? {} : { promotedAt: at(promotedAtMs) }),
    ...(endedAtMs === undefined ? {} : { endedAt: at(endedAtMs) }),
  };
}

/** The listed hosts in their order, then those that were listed before. Once a rotation is over, only those it knew. */
function hostsOf(record: KeyPairRecord, { hosts, waived, ...rotation }: Rotation, defaults: PolicyDefaults) {
  const listed = isOver(rotation as Rotation) ? [] : policyOf(record, defaults).hosts.map(hostName);
  const untried: HostProgress = { outcome: 'unverified' };
  return [...new Set([...listed, ...Object.keys(hosts)])].map((host) => {
    const { outcome, code, oldRemoved } = hosts[host] ?? untried;
    return {
      host,
      outcome,
      ...(code === undefined ? {} : { code }),
      ...(waived.includes(host) ? { waived: true } : {}),
      ...(oldRemoved ? { oldKeyRemoved: true } : {}),
    };
  });
}

/**
 * What becomes of hosts that are listed late, where a key from before the one that counts is still stored.
 * @param listed the hosts that were just listed
 */
export function lateHostsView(
  { identity, versions, outgoing }: KeyPairRecord,
  listed: readonly unknown[] = [],
): Pick<z.infer<typeof PolicyAnswer>, 'lateHosts'> {
  const going = outgoing?.pairs.flatMap(({ versionId, keyGoing }) => (keyGoing ? [versionId] : [])) ?? [];
  const known = versions.filter(({ id }) => !going.includes(id));
  if (listed.length === 0 || known.length < 2) return {};
  return {
    lateHosts: {
      detail:
        'A host that knows any of these keys is brought up to date. One that knows none needs the public key that counts put there.',
      keys: known.toReversed().map((version, i) => ({
        keyPairName: pairNameOf(identity, version),
        fingerprint: fingerprints(version.publicKey).sha256,
        counts: i === 0,
      })),
    },
  };
}

export const policyView = (
  record: Pick<KeyPairRecord, 'policy' | 'found'>,
  defaults: PolicyDefaults,
): z.infer<typeof PolicyAnswer> => {
  const { hosts: _, targets, ...policy } = policyOf(record, defaults);
  const hosts = listedHostsOf(record, defaults);
  const { found } = record;
  const clamped = outOfBounds(wantedPolicyOf(record, defaults), boundsOf(record, defaults)).map(({ field }) => field);
  return {
    ...policy,
    hosts: hosts.map(({ via, ...host }) => ({ ...pinned(host), ...(via && { via: pinned(via) }) })),
    ...(targets && { targets: targets as NonNullable<z.infer<typeof PolicyAnswer>['targets']> }),
    ...(targets &&
      found && {
        found: {
          ...{ seenAt: at(found.seenAtMs), hosts: found.hosts.length, unaddressed: found.unaddressed },
          ...{ came: [...found.came], left: [...found.left], changedAt: at(found.changedAtMs) },
        },
      }),
    ...(clamped.length > 0 && { clamped }),
  };
};

const pinned = <T extends { readonly hostKeys: readonly string[] }>(host: T) => ({
  ...host,
  hostKeys: [...host.hostKeys],
});
