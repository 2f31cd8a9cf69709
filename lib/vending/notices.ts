// What happens to a key pair later on, for anyone who listens. Each is found by comparing a record with the one before, where records
// are changed (rotation/change-record.ts), and waits in the record until it is published: none is lost with a worker, and none is
// forgotten by a command.

import { identityKey } from '../identity.ts';
import { sha256Hex } from '../sha256.ts';
import { idOf, pairNameOf } from './attempt.ts';
import type { About, Notice, NoticeType } from './notice.ts';
import { leadsTo } from './own-name/slot.ts';
import type { KeyPairRecord } from './record.ts';
import type { Held, OutgoingPair } from './rotation/outgoing-record.ts';
import type { References } from './rotation/references-record.ts';
import type { Rotation } from './rotation/rotation-record.ts';

/** So many may wait; of what happens while nobody can be told, the first ones say enough. */
const MOST_WAITING = 30;
/** So many hosts are named in one notice. */
const NAMED = 20;
/** A binding lags behind a released instance: by the third refusal, it is no lag any more. */
const LINGERS_FROM = 3;

/** The record with what there is to tell of it, beside what waited already. */
export function noticed(before: KeyPairRecord | undefined, record: KeyPairRecord, nowMs: number): KeyPairRecord {
  const { notices: _, ...rest } = record;
  const waiting = before?.notices ?? [];
  const found = before === undefined ? [] : [...whatHappened(before, record)];
  const notices = [...waiting, ...found.map((one) => noticeOf(record, one, nowMs))].slice(0, MOST_WAITING);
  return notices.length === 0 ? rest : { ...rest, notices };
}

type Found = readonly [NoticeType, About];

function noticeOf({ identity }: KeyPairRecord, [type, about]: Found, atMs: number): Notice {
  const text = JSON.stringify([identityKey(identity), type, about, atMs]);
  return { id: sha256Hex(text).slice(0, 32), type, atMs, about };
}

function* whatHappened(before: KeyPairRecord, after: KeyPairRecord): Generator<Found> {
  const { state, retirement } = after;
  if (before.successorOf !== undefined || after.successorOf !== undefined) return; // no key pair of its own
  if (before.state === 'active' && state === 'retired')
    yield ['retired', { purgeAt: new Date(retirement!.purgeAtMs).toISOString() }];
  if (before.state === 'retired' && state === 'active') yield ['restored', {}];
  if (before.state === 'purging' && state === 'vacant') yield ['purged', {}];
  if (state !== 'vacant' && JSON.stringify(before.policy) !== JSON.stringify(after.policy))
    yield ['policy-changed', {}];
  const standing = after.versions.at(-1);
  if (standing?.upstreamName !== undefined && leadsTo(before) !== standing.id && leadsTo(after) === standing.id)
    yield ['name-given-back', { ...idOf(standing), keyPairName: after.identity.name }];
  const known = new Map((before.rotations ?? []).map((rotation) => [rotation.id, rotation]));
  for (const rotation of after.rotations ?? []) yield* ofRotation(known.get(rotation.id), rotation);
  const held = new Map((before.outgoing?.pairs ?? []).map((pair) => [pair.versionId, pair.held]));
  for (const pair of after.outgoing?.pairs ?? []) yield* ofPair(after, held.get(pair.versionId), pair);
}

const isNamed = (before: References | undefined, after: References | undefined): boolean =>
  (after?.count ?? 0) > 0 && after?.count !== before?.count;

const named = ({ found, count }: References): Pick<About, 'references' | 'count'> => ({
  references: found.map(({ kind, id, name, version }) =>
    [kind, name ?? id, ...(version === undefined ? [] : [`version ${version}`])].join(' '),
  ),
  count,
});

function* ofRotation(
  before: Rotation | undefined,
  { id, hosts, stalledAtMs, ...rotation }: Rotation,
): Generator<Found> {
  for (const [host, { outcome, code }] of Object.entries(hosts)) {
    const was = before?.hosts[host];
    if (outcome === 'failed' && code !== undefined && (was?.outcome !== outcome || was.code !== code))
      yield ['host-failed', { rotationId: id, host, code }];
  }
  if (isNamed(before?.references, rotation.references))
    yield ['referenced', { rotationId: id, ...idOf(rotation.from), ...named(rotation.references!) }];
  if (stalledAtMs === undefined || before?.stalledAtMs !== undefined) return;
  const open = Object.entries(hosts).filter(([, { code }]) => code !== undefined);
  const { lastError, state } = rotation;
  yield [
    'rotation-stalled',
    {
      ...{ rotationId: id, state, hosts: open.slice(0, NAMED).map(([host]) => host) },
      ...(lastError && { code: lastError.code }),
    },
  ];
}

function* ofPair(
  { versions, identity }: KeyPairRecord,
  before: Held | undefined,
  { versionId, held }: OutgoingPair,
): Generator<Found> {
  if (held === undefined || held.tries < LINGERS_FROM || (before?.tries ?? 0) >= LINGERS_FROM) return;
  const version = versions.find(({ id }) => id === versionId);
  if (version === undefined) return;
  const { code, instances, count } = held;
  const pair = { ...idOf(version), keyPairName: pairNameOf(identity, version) };
  yield ['lingering', { ...pair, code, ...(instances && { instances }), ...(count && { count }) }];
}
