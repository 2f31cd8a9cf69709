// Detaching an old pair from the instances that keep it: a person's act, confirmed for exactly these instances, because what it does
// to them differs from cloud to cloud. The command is one write; the worker sends it.

import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import type { InstanceOutcome } from '../../providers/fleet.ts';
import { sha256Hex } from '../../sha256.ts';
import type { Version } from '../attempt.ts';
import { pairsOf } from '../own-name/slot.ts';
import type { KeyPairRecord } from '../record.ts';
import { changeRecord, inUse } from './change-record.ts';
import { withPair, withSooner } from './outgoing.ts';
import type { OutgoingPair, Release } from './outgoing-record.ts';
import type { CommandPorts } from './rotation-ports.ts';
import type { Work } from './rotation-record.ts';
import type { WorkLease } from './work-lease.ts';

/** What a person says again to have a pair detached from these instances and no others. */
export const confirmationOf = (versionId: string, instances: readonly string[]): string =>
  sha256Hex(JSON.stringify([versionId, [...instances].sort()])).slice(0, 16);

/** @throws {VendingError} PAIR_NOT_LINGERING */
export function lingeringOf(record: KeyPairRecord, versionId: string): { pair: OutgoingPair; version: Version } {
  const pair = inUse(record).outgoing?.pairs.find((one) => one.versionId === versionId);
  const version = record.versions.find(({ id }) => id === versionId);
  if (pair?.held === undefined || version === undefined)
    throw new VendingError('PAIR_NOT_LINGERING', 'No such pair of this key pair lingers');
  return { pair, version };
}

/**
 * @param instances those that the person was told of
 * @throws {VendingError} KEY_PAIR_ABSENT, KEY_PAIR_RETIRED, PAIR_NOT_LINGERING
 */
export function requestRelease(
  ports: CommandPorts,
  identity: Identity,
  versionId: string,
  { instances, caller }: { readonly instances: readonly string[]; readonly caller: string },
): Promise<KeyPairRecord> {
  return changeRecord(ports, identity, (record) => {
    const { pair } = lingeringOf(record, versionId);
    const nowMs = ports.clock.wallMs();
    const release = { instances, requestedBy: caller, requestedAtMs: nowMs, tries: 0 };
    return withSooner(withPair(record, { ...pair, release, nextTryAtMs: nowMs }));
  });
}

/** So often it is sent to an instance that does not answer for it; then a person decides anew. */
const MOST_TRIES = 3;

/**
 * Sends what was confirmed, to those of the instances that still have the pair. Each try is on record before it is sent.
 * @param change of the pair, in the record
 * @throws {VendingError} what kept it from being sent
 */
export async function carryOutRelease(
  lease: WorkLease<Work>,
  version: Version,
  release: Release,
  change: (make: (pair: OutgoingPair) => OutgoingPair) => Promise<void>,
): Promise<void> {
  const { ports, identity, until } = lease;
  const fleet = await ports.fleetFor?.(identity);
  if (fleet === undefined) throw new VendingError('PERMISSION_DENIED', 'Nothing may be asked of instances here');
  await ports.deployment.assertHome();
  const call = { timeoutMs: ports.settings.callTimeoutMs, signBefore: until };
  const pairs = await Promise.all(
    pairsOf(lease.record, version).map(async (pair) => {
      const having = new Set((await fleet.holders(pair, call)).map(({ id }) => id));
      return { pair, ids: release.instances.filter((id) => having.has(id)) };
    }),
  );
  const left = pairs.flatMap(({ ids }) => ids);
  if (left.length === 0 || release.tries >= MOST_TRIES) return change((pair) => released(pair, [], left));
  await change((pair) => ({ ...pair, release: { ...release, tries: release.tries + 1 } }));
  lease.requireTime(ports.settings.callTimeoutMs);
  // On CVM running instances are switched off for it; that is what was confirmed.
  const outcomes: InstanceOutcome[] = [];
  for (const { pair, ids } of pairs)
    if (ids.length > 0) outcomes.push(...(await fleet.detach(pair, ids, { ...call, force: true })));
  const open = outcomes.filter(({ outcome }) => outcome === 'unknown').map(({ id }) => id);
  await change((pair) => (open.length > 0 ? pair : released(pair, outcomes, [])));
}

/** What came of it. The cloud may show the binding for a while, so the pair is tried again soon. */
function released(
  { release, held, ...pair }: OutgoingPair,
  outcomes: readonly InstanceOutcome[],
  unanswered: readonly string[],
): OutgoingPair {
  const refused = [
    ...outcomes.flatMap((one) => (one.outcome === 'done' || one.outcome === 'gone' ? [] : [one.id])),
    ...unanswered,
  ];
  return {
    ...pair,
    ...(held && { held: { ...held, tries: 0 } }),
    ...(refused.length > 0 && { notReleased: refused.slice(0, 20) }),
  };
}
