// Removing versions that no host should know any more: their pairs as soon as the cloud lets them go, and each key once its pair is
// gone and every listed host is clear of it. What is listed and waived is read anew at every try, until the key is being removed.
import type { Deadline } from '../../clock.ts';
import { codeOf, VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import type { Version } from '../attempt.ts';
import { mayHaveName, withNameDue } from '../own-name/slot.ts';
import { movedByMs } from '../own-secret.ts';
import { type KeyPairRecord, settledAtMs } from '../record.ts';
import { findHosts } from './find-hosts.ts';
import { gotOn } from './got-on.ts';
import { heldPauseMs } from './held-pause.ts';
import { holdersOf } from './holders.ts';
import { makeRoom, type Tries } from './move-key.ts';
import {
  allClearOf,
  dueAtMs,
  hasUntried,
  lastSeq,
  SWEEP_MS,
  withNextSeq,
  withoutVersion,
  withPair,
} from './outgoing.ts';
import type { Held, OutgoingPair } from './outgoing-record.ts';
import { isHeld, purgeKey, purgePair } from './purge-version.ts';
import { FIRST_PAUSE_MS, pauseMs } from './put-off.ts';
import { rebind } from './rebind.ts';
import { referencesTo } from './references.ts';
import { carryOutRelease } from './release.ts';
import type { RotationPorts } from './rotation-ports.ts';
import type { Work } from './rotation-record.ts';
import { unlessLost } from './step-support.ts';
import { type Swept, sweepHosts } from './sweep-hosts.ts';
import { outgoingSlot, WorkLease } from './work-lease.ts';

type Lease = WorkLease<Work>;

/** @throws {VendingError} the first failure; all of them are on record with the time of the next try */
export async function purgeOutgoing(ports: RotationPorts, identity: Identity, until: Deadline): Promise<void> {
  const lease = await WorkLease.take(ports, identity, outgoingSlot, until);
  if (lease === undefined) return;
  const failures: unknown[] = [];
  const noted = (error: unknown) => void failures.push(error);
  const tries: Tries = (versionId, act) =>
    act().catch(async (error) => {
      noted(error);
      await putOff(lease, versionId, error);
    });
  const nowMs = ports.clock.wallMs();
  if (lease.record.outgoing!.sweepAtMs <= nowMs) await sweep(lease).catch(noted);
  for (const { versionId, nextTryAtMs } of lease.record.outgoing?.pairs ?? []) {
    if (nextTryAtMs > nowMs) continue;
    await tries(versionId, () => goOn(lease, versionId));
  }
  await makeRoom(lease, tries);
  await released(lease, failures[0]).catch(noted);
  if (failures.length > 0) throw failures[0];
}

async function sweep(lease: Lease): Promise<void> {
  const { clock, rotation } = lease.ports;
  const seq = lastSeq(lease.record);
  let swept: Partial<Swept> = {};
  try {
    await findHosts(lease);
    swept = await sweepHosts(lease);
  } catch (error) {
    if (isOutOfTime(lease, error)) swept = { againAtMs: clock.wallMs() };
    throw error;
  } finally {
    await lease.change((work, record) => {
      const outgoing = record.outgoing!;
      const nowMs = clock.wallMs();
      // What went out, or was listed, meanwhile is looked at at once.
      const isNewer = lastSeq(record) > seq || hasUntried(record, rotation.defaults);
      const { againAtMs, inVain = outgoing.inVain ?? 0 } = swept;
      const sweepAtMs = againAtMs === undefined ? nowMs + pauseMs(work.failures) : isNewer ? nowMs : againAtMs;
      return [work, { ...record, outgoing: { ...outgoing, sweepAtMs, inVain } }];
    });
  }
}

const pairOf = ({ record }: Lease, versionId: string): OutgoingPair | undefined =>
  record.outgoing?.pairs.find((pair) => pair.versionId === versionId);

const changePair = (
  lease: Lease,
  versionId: string,
  make: (pair: OutgoingPair, record: KeyPairRecord) => OutgoingPair,
): Promise<void> =>
  lease.change((work, record) => [
    work,
    withPair(record, make(record.outgoing!.pairs.find((pair) => pair.versionId === versionId)!, record)),
  ]);

async function goOn(lease: Lease, versionId: string): Promise<void> {
  const { clock, settings } = lease.ports;
  const version = lease.record.versions.find(({ id }) => id === versionId);
  if (version === undefined) return drop(lease, versionId);
  const soonestMs = settledAtMs(version, settings);
  if (clock.wallMs() < soonestMs) return again(lease, versionId, soonestMs);
  await askedToRelease(lease, version);
  await lookForReferences(lease, version);
  while (pairOf(lease, versionId)?.goneAtMs === undefined) {
    lease.requireTime(3 * settings.callTimeoutMs);
    const againAtMs = await removePair(lease, version);
    if (againAtMs !== undefined && againAtMs > clock.wallMs()) return again(lease, versionId, againAtMs);
  }
  if (mayHaveName(lease.record, versionId)) return namedStill(lease, version);
  await removeKey(lease, version);
}

async function askedToRelease(lease: Lease, version: Version): Promise<void> {
  const { release, goneAtMs } = pairOf(lease, version.id)!;
  if (release === undefined || (goneAtMs !== undefined && !mayHaveName(lease.record, version.id))) return;
  await carryOutRelease(lease, version, release, (make) => changePair(lease, version.id, make));
  if (mayHaveName(lease.record, version.id))
    await lease.change((work, record) => [work, withNameDue(record, lease.ports.clock.wallMs())]);
}

/** Before the pair goes, and daily while it lingers. */
async function lookForReferences(lease: Lease, version: Version): Promise<void> {
  const { references, goneAtMs } = pairOf(lease, version.id)!;
  const nowMs = lease.ports.clock.wallMs();
  if (goneAtMs !== undefined || (references !== undefined && nowMs < references.seenAtMs + SWEEP_MS)) return;
  const seen = await referencesTo(lease, version);
  if (seen !== undefined) await changePair(lease, version.id, (pair) => ({ ...pair, references: seen }));
}

/** Its own pair is gone, and one more was imported under the key pair's name: what keeps that, keeps the key (own-name/by-import.ts). */
async function namedStill(lease: Lease, version: Version): Promise<void> {
  const nowMs = lease.ports.clock.wallMs();
  const { blocked: held } = lease.record.nameSlot ?? {};
  const againAtMs = nowMs + (held === undefined ? FIRST_PAUSE_MS : heldPauseMs(held.tries));
  await changePair(lease, version.id, (pair) => ({ ...pair, ...(held && { held }), nextTryAtMs: againAtMs }));
}

/** @returns when to come again; undefined once the pair is gone for good */
async function removePair(lease: Lease, version: Version): Promise<number | undefined> {
  const { clock } = lease.ports;
  const { held, purging: standing } = pairOf(lease, version.id)!;
  // Once it was refused, it is asked what has the pair, before a delete is written down and sent once more.
  const by = held === undefined || standing?.deletingUntilMs !== undefined ? {} : await holdersOf(lease, version);
  if (held !== undefined && by.count !== undefined) return lingers(lease, version, held.code, by);
  const mark = {
    standing,
    save: (purging: NonNullable<OutgoingPair['purging']>) =>
      changePair(lease, version.id, (pair) => ({ ...pair, purging })),
    refused: (purging: NonNullable<OutgoingPair['purging']>) =>
      changePair(lease, version.id, (pair) => ({ ...pair, purging })),
  };
  try {
    const againAtMs = await purgePair(lease, version, mark);
    if (againAtMs !== undefined) return againAtMs;
  } catch (error) {
    if (!isHeld(error)) throw error;
    return lingers(lease, version, error.code, await holdersOf(lease, version));
  }
  // Whatever had the pair may have written its line back until now, so hosts are looked at once more.
  const goneAtMs = clock.wallMs();
  await lease.change((work, record) => {
    const { held: _, purging: __, ...pair } = record.outgoing!.pairs.find(({ versionId }) => versionId === version.id)!;
    return [work, withNextSeq(record, { ...pair, goneAtMs })];
  });
  return undefined;
}

/** @returns when it is tried again */
async function lingers(
  lease: Lease,
  version: Version,
  code: Held['code'],
  by: Pick<Held, 'instances' | 'count'>,
): Promise<number> {
  const { clock } = lease.ports;
  const rebound = await rebind(lease, version).catch(unlessLost);
  const nowMs = clock.wallMs();
  const { tries = 0, sinceMs = nowMs } = pairOf(lease, version.id)?.held ?? {};
  const held = { sinceMs, seenAtMs: nowMs, code, tries: tries + 1, ...by };
  await changePair(lease, version.id, (pair) => ({ ...pair, held, ...(rebound && { rebound }) }));
  return nowMs + heldPauseMs(held.tries);
}

/** One conditional write both looks at the listed hosts for the last time and begins what cannot be taken back. */
async function removeKey(lease: Lease, version: Version): Promise<void> {
  const { ports } = lease;
  const { defaults } = ports.rotation;
  const isClear = (record: KeyPairRecord, pair: OutgoingPair) =>
    pair.keyGoing === true || (allClearOf(record, defaults, pair) && !mayHaveName(record, pair.versionId));
  const due = () => isClear(lease.record, pairOf(lease, version.id)!);
  const landsByMs = movedByMs(lease.record, version.id);
  if (ports.clock.wallMs() < landsByMs) return again(lease, version.id, landsByMs);
  await findHosts(lease); // a machine that was launched since is looked at before the key goes
  if (!due()) await sweep(lease);
  lease.requireTime(2 * ports.settings.callTimeoutMs);
  await changePair(lease, version.id, (pair, record) => (isClear(record, pair) ? { ...pair, keyGoing: true } : pair));
  if (pairOf(lease, version.id)?.keyGoing !== true)
    return again(lease, version.id, Math.max(lease.record.outgoing!.sweepAtMs, ports.clock.wallMs() + FIRST_PAUSE_MS));
  await purgeKey(lease, version);
  await drop(lease, version.id);
}

const drop = (lease: Lease, versionId: string): Promise<void> =>
  lease.change((work, record) => [work, withoutVersion(record, versionId, lease.ports.clock.wallMs())]);

const again = (lease: Lease, versionId: string, nextTryAtMs: number): Promise<void> =>
  changePair(lease, versionId, (pair) => ({ ...pair, nextTryAtMs }));

/** If this cannot be written, the work is due once the lease is over. */
async function putOff(lease: Lease, versionId: string, error: unknown): Promise<void> {
  const known = error instanceof VendingError ? error : undefined;
  if (known?.code === 'LEASE_LOST') return;
  const usualMs = isOutOfTime(lease, error) ? 0 : pauseMs(lease.work?.failures ?? 0);
  const nextTryAtMs = lease.ports.clock.wallMs() + Math.max(usualMs, known?.retryAfterMs ?? 0);
  await again(lease, versionId, nextTryAtMs).catch(() => undefined);
}

/** It did something, and the rest is due at once. */
const isOutOfTime = (lease: Lease, error: unknown): boolean =>
  error instanceof VendingError && error.code === 'DEADLINE_PASSED' && gotOn(lease.taken, lease.record);

/** Gives up the lease; what is due next, the record says. */
async function released(lease: Lease, error: unknown): Promise<void> {
  if (lease.record.outgoing === undefined) return;
  const nowMs = lease.ports.clock.wallMs();
  const known = codeOf(error);
  await lease.change((work, record) => {
    const { lease: _, lastError: _before, nextTryAtMs: _next, ...rest } = work;
    const failed = error !== undefined && !isOutOfTime(lease, error);
    return {
      ...rest,
      failures: failed ? work.failures + 1 : 0,
      ...(failed && { lastError: { code: known, atMs: nowMs } }),
      nextTryAtMs: Math.max(dueAtMs(record.outgoing!), failed ? nowMs + FIRST_PAUSE_MS : 0),
    };
  });
}
