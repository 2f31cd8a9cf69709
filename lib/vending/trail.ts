// The trail: who changed what of a key pair, and when. One chain for each key pair, its head in the key pair's own record, so that
// a change and its entry are one write: there is no change without an entry, and no call more. Entries are sent on by the outbox
// (send-trail.ts). A chain shows what was removed, changed or reordered; that its end was cut off, only a copy elsewhere shows.
import { sha256Hex } from '../sha256.ts';
import type { KeyPairRecord } from './record.ts';
import { type Actor, digestOf, type Facts, type TrailEntry } from './trail-entry.ts';

/** The record as it is to be written: with an entry for what changed, where anybody would ask about that. */
export function trailed(
  before: KeyPairRecord | undefined,
  record: KeyPairRecord,
  actor: Actor,
  nowMs: number,
): KeyPairRecord {
  const { seq = 0, digest: previous = '', pending = [], last } = before?.trail ?? {};
  const done = whatWasDone(before, record);
  // A conflict is looked at again and again, for as long as it lasts: what was found before is no news.
  const did = done === 'conflict-found' && last === done ? undefined : done;
  if (did === undefined && before?.trail === undefined && record.notices === undefined) return record;
  // Who makes a record anew need not know of the trail, nor that it waits to be sent on. While an attempt is open it waits longer:
  // its holder has the record to itself. A conflict has none, and may last for ever.
  const isFree = record.attempt === undefined || record.state === 'conflict';
  const due = isFree ? { announceAtMs: record.announceAtMs ?? before?.announceAtMs ?? nowMs } : {};
  const { trail: standing } = before ?? {};
  if (did === undefined)
    return {
      ...record,
      ...((pending.length > 0 || record.notices !== undefined) && due),
      ...(standing && { trail: standing }),
    };
  const open: Omit<TrailEntry, 'digest'> = {
    ...{ v: 1 as const, seq: seq + 1, at: new Date(nowMs).toISOString() },
    ...actor,
    ...{ did, ...difference(factsOf(before), factsOf(record)), previous },
  };
  const entry: TrailEntry = { ...open, digest: digestOf(open) };
  const trail = { seq: entry.seq, digest: entry.digest, last: entry.did, pending: [...pending, entry] };
  return { ...record, ...due, trail };
}

function difference(was: Facts, is: Facts): Pick<TrailEntry, 'before' | 'after'> {
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((name) => was[name] !== is[name]);
  const some = (facts: Facts): Facts =>
    Object.fromEntries(names.flatMap((name) => (facts[name] === undefined ? [] : [[name, facts[name]]])));
  return { before: some(was), after: some(is) };
}

const byState: Readonly<Record<KeyPairRecord['state'], string>> = {
  vending: 'attempt-opened',
  active: 'activated',
  vacant: 'attempt-closed',
  conflict: 'conflict-found',
  retired: 'retired',
  purging: 'purge-begun',
};

/** Undefined for leases, schedules, marks, and the hosts of a rotation one by one: those are summed up with its next state. */
function whatWasDone(before: KeyPairRecord | undefined, after: KeyPairRecord): string | undefined {
  if (before?.state === 'conflict' && after.state === 'vending' && before.attempt?.id === after.attempt?.id)
    return undefined; // looked at again
  if (before?.state !== after.state) {
    if (before?.state === 'retired' && after.state === 'active') return 'restored';
    if (before?.state === 'purging' && after.state !== 'vacant') return 'purge-refused';
    if (before?.state === 'purging' && after.state === 'vacant') return 'purged';
    return after.state === 'active' && isAdopted(after) ? 'adopted' : byState[after.state];
  }
  if (after.attempt !== undefined && after.attempt.id !== before.attempt?.id) return byState.vending;
  const known = new Map((before.rotations ?? []).map((rotation) => [rotation.id, rotation]));
  for (const { id, state, waived } of after.rotations ?? []) {
    const earlier = known.get(id);
    if (earlier === undefined) return 'rotation-requested';
    if (earlier.state !== state) return `rotation-${state}`;
    if (earlier.waived.length < waived.length) return 'host-waived';
  }
  const waivedBefore = waivedOf(before);
  if (waivedOf(after).some((host) => !waivedBefore.includes(host))) return 'host-waived';
  if (JSON.stringify(before.policy) !== JSON.stringify(after.policy)) return 'policy-set';
  const versionOf = ({ versions }: KeyPairRecord) => versions.map(({ id }) => id).join();
  if (versionOf(before) !== versionOf(after)) return 'versions-changed';
  return namedOf(before) === namedOf(after) ? undefined : 'name-changed';
}

const isAdopted = ({ versions }: KeyPairRecord): boolean => versions.at(-1)?.keySource === 'adopted';

/** Which keys pairs have whose name was changed, or that were imported under the key pair's own name. */
const namedOf = ({ versions, nameSlot }: KeyPairRecord): string =>
  [nameSlot?.held?.versionId, ...versions.map(({ pairName }) => pairName)].filter(Boolean).join(' ');

const waivedOf = ({ outgoing }: KeyPairRecord): readonly string[] =>
  outgoing?.pairs.flatMap(({ waived }) => waived) ?? [];

function factsOf(record: KeyPairRecord | undefined): Facts {
  if (record === undefined) return {};
  const { state, attempt, versions, policy = {}, rotations = [], retirement, requestHash } = record;
  const current = versions.at(-1);
  const { hosts, ...rest } = policy;
  const facts: Record<string, string | number | boolean | undefined> = {
    state,
    request: requestHash,
    attempt: attempt?.id,
    versions: versions.length,
    current: current?.id,
    keyPairId: current?.keyPairId,
    fingerprint: current?.fingerprint,
    keySource: current?.keySource,
    names: namedOf(record) || undefined,
    purgeAt: retirement && new Date(retirement.purgeAtMs).toISOString(),
    'policy hosts': hosts && summed(hosts),
  };
  for (const [name, value] of Object.entries(rest))
    facts[`policy ${name}`] = typeof value === 'object' ? JSON.stringify(value) : value;
  for (const { id, state: reached, waived, hosts: progress } of rotations) {
    facts[`rotation ${id}`] = reached;
    facts[`rotation ${id} hosts`] = summed(
      Object.entries(progress).map(([host, { outcome, oldRemoved }]) => [host, outcome, oldRemoved]),
    );
    facts[`rotation ${id} waived`] = summed(waived);
  }
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Facts;
}

/** Lists of hosts would be long, and say more than who reads a trail needs: enough to see that they changed, and to compare. */
const summed = (list: readonly unknown[]): string =>
  `${list.length}, sha256 ${sha256Hex(JSON.stringify(list)).slice(0, 16)}`;
