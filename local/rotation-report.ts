// All that a person may want to know of a rotation: how each host is doing, what failed and what to do about it, what comes next and
// when, and what lingers.
import { adviceFor } from '../lib/contract/rotation-advice.ts';
import type { FailureCode } from '../lib/errors.ts';
import { idOf } from '../lib/vending/attempt.ts';
import { lingeringName } from '../lib/vending/own-name/slot.ts';
import type { KeyPairRecord } from '../lib/vending/record.ts';
import type { Held } from '../lib/vending/rotation/outgoing-record.ts';
import { hostName, type PolicyDefaults, policyOf } from '../lib/vending/rotation/policy.ts';
import { type HostProgress, isDone, isOver, type Rotation } from '../lib/vending/rotation/rotation-record.ts';
import { overlapOverMs } from '../lib/vending/rotation/rotation-schedule.ts';

export interface Failing {
  readonly code: FailureCode;
  /** What it means and what to do. */
  readonly advice: string;
}
export interface HostReport extends Partial<Failing> {
  readonly host: string;
  readonly outcome: HostProgress['outcome'];
  readonly waived?: true;
  readonly oldKeyRemoved?: true;
  readonly triedAt?: string;
}
/** A pair on its way out: held by the cloud where there is a code. */
export interface OutgoingReport extends Partial<Failing> {
  readonly keyPairId?: string;
  readonly keyPairName: string;
  readonly since: string;
  readonly tries?: number;
  /** The first of the instances that have it; `count` of them in all. */
  readonly instances?: readonly string[];
  readonly count?: number;
  readonly nextTryAt?: string;
}
export interface RotationReport {
  readonly id: string;
  readonly state: Rotation['state'];
  readonly driver: Rotation['driver'];
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly hosts: readonly HostReport[];
  readonly failures: number;
  readonly lastError?: Failing & { readonly at: string };
  readonly lastTryAt?: string;
  readonly stalledAt?: string;
  readonly next: { readonly what: string; readonly at?: string };
  readonly outgoing: readonly OutgoingReport[];
  /** Hosts on which a line that had been removed was there again. */
  readonly returned: readonly { readonly host: string; readonly lines: number }[];
}

const at = (ms: number): string => new Date(ms).toISOString();
const failing = (code: FailureCode): Failing => ({ code, advice: adviceFor(code) });

export function rotationReport(record: KeyPairRecord, rotation: Rotation, defaults: PolicyDefaults): RotationReport {
  const { lastError, stalledAtMs, failures } = rotation;
  const hosts = hostReports(record, rotation, defaults);
  const tries = [lastError?.atMs, ...Object.values(rotation.hosts).map(({ atMs }) => atMs)];
  const lastTryMs = Math.max(...tries.map((ms) => ms ?? 0));
  return {
    id: rotation.id,
    state: rotation.state,
    driver: rotation.driver,
    requestedBy: rotation.requestedBy,
    requestedAt: at(rotation.requestedAtMs),
    hosts,
    failures,
    ...(lastError && { lastError: { ...failing(lastError.code), at: at(lastError.atMs) } }),
    ...(lastTryMs > 0 && { lastTryAt: at(lastTryMs) }),
    ...(stalledAtMs !== undefined && { stalledAt: at(stalledAtMs) }),
    next: nextOf(record, rotation, defaults),
    ...outgoingReport(record),
  };
}

/** The listed hosts in their order, then those that were listed before. */
function hostReports(record: KeyPairRecord, rotation: Rotation, defaults: PolicyDefaults): readonly HostReport[] {
  const listed = isOver(rotation) ? [] : policyOf(record, defaults).hosts.map(hostName);
  return [...new Set([...listed, ...Object.keys(rotation.hosts)])].map((host) => {
    const { outcome, code, oldRemoved, atMs }: HostProgress = rotation.hosts[host] ?? { outcome: 'unverified' };
    return {
      host,
      outcome,
      ...(code && failing(code)),
      ...(rotation.waived.includes(host) && { waived: true as const }),
      ...(oldRemoved && { oldKeyRemoved: true as const }),
      ...(atMs !== undefined && { triedAt: at(atMs) }),
    };
  });
}

const steps: Readonly<Record<Rotation['state'], string>> = {
  requested: 'the new pair is made, and its key stored',
  staged: 'the new line is added on the hosts, and proved by a login',
  'rolled-out': 'one more login on each host',
  proven: 'the new key begins to count',
  promoted: 'the old line is removed from the hosts',
  'old-key-removed': 'the old pair is removed, and then its key',
  purged: 'nothing: only the new key is left',
  cancelling: 'the new line, pair and key are removed again',
  cancelled: 'nothing: the old key counts, as before',
};

/** What comes next, and when. While a worker is at it, that is what it is doing. */
function nextOf(record: KeyPairRecord, rotation: Rotation, defaults: PolicyDefaults): RotationReport['next'] {
  const { state, nextTryAtMs, lease, from } = rotation;
  if (state === 'old-key-removed' && isDone(rotation)) {
    const pair = record.outgoing?.pairs.find(({ versionId }) => versionId === from.id);
    return { what: steps[state], ...(pair && { at: at(pair.nextTryAtMs) }) };
  }
  const overlap = state === 'promoted' ? overlapOverMs(record, rotation, defaults) : 0;
  const misses = overlap > (nextTryAtMs ?? 0) && rotation.failures > 0;
  const what = misses ? 'hosts that were missed are tried again' : steps[state];
  if (lease !== undefined) return { what: `${what}: a worker is at it` };
  // Until the overlap is over, a worker comes to look for hosts that were listed late, and removes nothing.
  if (nextTryAtMs !== undefined) return { what, at: at(misses ? nextTryAtMs : Math.max(nextTryAtMs, overlap)) };
  return { what: isDone(rotation) ? what : `${what}, when AWS Secrets Manager calls for it` };
}

export function outgoingReport(record: KeyPairRecord): Pick<RotationReport, 'outgoing' | 'returned'> {
  const { identity, versions, outgoing } = record;
  const pairs = (outgoing?.pairs ?? []).map((pair): OutgoingReport => {
    const { versionId, sinceMs, nextTryAtMs, held } = pair;
    const version = versions.find(({ id }) => id === versionId);
    return {
      ...idOf(version ?? {}),
      keyPairName: version === undefined ? identity.name : lingeringName(record, version, pair),
      since: at(sinceMs),
      ...(held && heldReport(held)),
      nextTryAt: at(nextTryAtMs),
    };
  });
  const returned = Object.entries(outgoing?.hosts ?? {}).flatMap(([host, { returned: lines = 0 }]) =>
    lines > 0 ? [{ host, lines }] : [],
  );
  return { outgoing: pairs, returned };
}

export const heldReport = ({ sinceMs, code, tries, instances, count }: Held) => ({
  ...failing(code),
  since: at(sinceMs),
  tries,
  ...(instances && { instances }),
  ...(count !== undefined && { count }),
});
