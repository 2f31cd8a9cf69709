// Versions on their way out: how one joins them, which hosts are rid of them, and how it leaves.
import { DAY_MS } from '../../clock.ts';
import type { Host } from '../../hosts/hosts.ts';
import type { Version } from '../attempt.ts';
import type { KeyPairRecord } from '../record.ts';
import type { Outgoing, OutgoingPair, SweptHost } from './outgoing-record.ts';
import { hostName, type PolicyDefaults, policyOf, wantedPolicyOf } from './policy.ts';
import type { Rotation } from './rotation-record.ts';
import { unlessMeant, withoutHosts } from './without-hosts.ts';

/** How often hosts are looked at again while an old pair lingers. */
export const SWEEP_MS = DAY_MS;

const untouched: SweptHost = { outcome: 'unverified', clear: 0 };

export const lastSeq = ({ outgoing }: Pick<KeyPairRecord, 'outgoing'>): number => outgoing?.lastSeq ?? 0;

export const sweptOf = ({ outgoing }: Pick<KeyPairRecord, 'outgoing'>, host: Host): SweptHost =>
  outgoing?.hosts[hostName(host)] ?? untouched;

/** Whether a host may have the version's line, and that is waited for. */
export const owes = (record: KeyPairRecord, host: Host, { seq, waived }: OutgoingPair): boolean =>
  sweptOf(record, host).clear < seq && !waived.includes(hostName(host));

/** Whether a host that owes something was never looked at. */
export const hasUntried = (record: KeyPairRecord, defaults: PolicyDefaults): boolean =>
  policyOf(record, defaults).hosts.some(
    (host) =>
      sweptOf(record, host).atMs === undefined && record.outgoing?.pairs.some((pair) => owes(record, host, pair)),
  );

/** Whether no host that is listed by now has a line of the version, or could have. */
export const allClearOf = (record: KeyPairRecord, defaults: PolicyDefaults, pair: OutgoingPair): boolean =>
  !policyOf(record, defaults).hosts.some((host) => owes(record, host, pair));

/**
 * The version that a rotation replaced joins those that are on their way out. Hosts that the rotation has cleared of it count as
 * clear, unless something older may still be there; others are looked at now.
 */
export function withOutgoing(record: KeyPairRecord, rotation: Rotation, nowMs: number): KeyPairRecord {
  const before = lastSeq(record);
  const seq = before + 1;
  const known = record.outgoing?.hosts ?? {};
  const hosts = { ...known };
  let allClear = true;
  for (const [name, { oldRemoved }] of Object.entries(rotation.hosts)) {
    const swept = known[name] ?? untouched;
    const isClear = oldRemoved === true && swept.clear >= before;
    allClear &&= isClear || rotation.waived.includes(name);
    if (isClear) hosts[name] = { ...swept, clear: seq, outcome: 'ok', atMs: nowMs };
  }
  const { waived, from } = rotation;
  const pair: OutgoingPair = { versionId: from.id, seq, sinceMs: nowMs, nextTryAtMs: nowMs, waived };
  const { pairs = [], sweepAtMs = nowMs + SWEEP_MS, work } = record.outgoing ?? {};
  return withSooner({
    ...record,
    outgoing: {
      pairs: [...pairs, pair],
      lastSeq: seq,
      hosts,
      sweepAtMs: allClear ? sweepAtMs : nowMs,
      work: work ?? { failures: 0 },
    },
  });
}

/** A version that never counted, whose pair the cloud does not let go; its lines are off the hosts that may have had them. */
export function withStray(
  record: KeyPairRecord,
  version: Version,
  { waived, purging }: Pick<Rotation, 'waived' | 'purging'>,
  nowMs: number,
): KeyPairRecord {
  const seq = lastSeq(record) + 1;
  const pair: OutgoingPair = {
    ...{ versionId: version.id, seq, sinceMs: nowMs, nextTryAtMs: nowMs, waived },
    ...(purging?.versionId === version.id && { purging }),
  };
  const { pairs = [], hosts = {}, work = { failures: 0 } } = record.outgoing ?? {};
  return withSooner({
    ...record,
    versions: [...record.versions.slice(0, -1), version, ...record.versions.slice(-1)],
    outgoing: { pairs: [...pairs, pair], lastSeq: seq, hosts, sweepAtMs: nowMs, work },
  });
}

/** Brings the work forward to what is due first, unless somebody holds it, who will do so at the end. */
export function withSooner(record: KeyPairRecord): KeyPairRecord {
  const { outgoing } = record;
  if (outgoing === undefined || outgoing.work.lease !== undefined) return record;
  return { ...record, outgoing: { ...outgoing, work: { ...outgoing.work, nextTryAtMs: dueAtMs(outgoing) } } };
}

/** When something of it is due. */
export const dueAtMs = ({ pairs, sweepAtMs }: Outgoing): number =>
  Math.min(sweepAtMs, ...pairs.map(({ nextTryAtMs }) => nextTryAtMs));

/** Every host is to be looked at once more before the version's key goes. */
export function withNextSeq(record: KeyPairRecord, changed: OutgoingPair): KeyPairRecord {
  const seq = lastSeq(record) + 1;
  const next = withPair(record, { ...changed, seq });
  return { ...next, outgoing: { ...next.outgoing!, lastSeq: seq } };
}

export const withPair = (record: KeyPairRecord, changed: OutgoingPair): KeyPairRecord => {
  const outgoing = record.outgoing!;
  const pairs = outgoing.pairs.map((pair) => (pair.versionId === changed.versionId ? changed : pair));
  return { ...record, outgoing: { ...outgoing, pairs } };
};

/** Nothing of the version is left. */
export function withoutVersion(record: KeyPairRecord, versionId: string, nowMs: number): KeyPairRecord {
  const { outgoing, ...rest } = record;
  const pairs = outgoing?.pairs.filter((pair) => pair.versionId !== versionId) ?? [];
  const rotations = record.rotations?.map((rotation) =>
    rotation.from.id === versionId && rotation.state === 'old-key-removed'
      ? { ...rotation, state: 'purged' as const, purgedAtMs: nowMs }
      : rotation,
  );
  return {
    ...rest,
    ...(rotations && { rotations }),
    versions: record.versions.filter(({ id }) => id !== versionId),
    ...(outgoing && pairs.length > 0 && { outgoing: { ...outgoing, pairs } }),
  };
}

/** After the list of hosts was changed: what is listed no more is forgotten, and what is new is looked at now. */
export function withHostsListed(record: KeyPairRecord, defaults: PolicyDefaults, nowMs: number): KeyPairRecord {
  const names = new Set(policyOf(record, defaults).hosts.map(hostName));
  const next = withoutHosts(record, (name) => !names.has(name), unlessMeant);
  const { outgoing } = next;
  if (outgoing === undefined) return next;
  // Which instances are meant by now, is seen when they are looked for.
  const isNew =
    wantedPolicyOf(record, defaults).targets !== undefined || [...names].some((name) => !outgoing.hosts[name]);
  return withSooner({ ...next, outgoing: { ...outgoing, sweepAtMs: isNew ? nowMs : outgoing.sweepAtMs } });
}
