// The end of a key pair that was retired: once its grace period is over, every version is removed, and then its name is free. It
// can be restored for as long as it is whole: until a delete of the pair that counts is about to be signed, and again once the
// cloud has refused to let that pair go.
import type { Deadline } from '../../clock.ts';
import type { Identity } from '../../identity.ts';
import type { Version } from '../attempt.ts';
import { secretDeletingUntil } from '../close-attempt.ts';
import { type Vacater, vacateName } from '../own-name/vacate-name.ts';
import type { KeyPairRecord } from '../record.ts';
import { changeRecord } from './change-record.ts';
import { heldPauseMs } from './held-pause.ts';
import { holdersOf } from './holders.ts';
import { withoutVersion, withPair } from './outgoing.ts';
import type { Held } from './outgoing-record.ts';
import { isHeld, purgePair, purgeVersion } from './purge-version.ts';
import { LONGEST_PAUSE_MS, putOff } from './put-off.ts';
import type { RotationPorts } from './rotation-ports.ts';
import type { Purging, Work } from './rotation-record.ts';
import { retirementSlot, WorkLease } from './work-lease.ts';

type Lease = WorkLease<Work>;
type Retirement = NonNullable<KeyPairRecord['retirement']>;

export async function purgeRetired(ports: RotationPorts, identity: Identity, until: Deadline): Promise<void> {
  const lease = await WorkLease.take(ports, identity, retirementSlot, until);
  if (lease === undefined) return;
  try {
    const againAtMs = await carryOut(lease);
    if (againAtMs !== undefined) return await lease.release({ failures: 0, nextTryAtMs: againAtMs });
    await changeRecord(ports, identity, (record) =>
      record.state === 'purging' ? { ...vacant(record), ...secretDeletingUntil(ports) } : record,
    );
  } catch (error) {
    await putOff(lease, error);
    throw error;
  }
}

/** @returns when to come again; undefined when nothing is left */
async function carryOut(lease: Lease): Promise<number | undefined> {
  const { clock, settings } = lease.ports;
  const standing = lease.record.versions.at(-1);
  if (standing !== undefined && !isGone(lease.record)) {
    const againAtMs = (await nameless(lease, standing)) ?? (await whole(lease, standing));
    if (againAtMs !== undefined) return againAtMs;
  }
  const later: number[] = [];
  for (const version of lease.record.versions) {
    for (;;) {
      lease.requireTime(3 * settings.callTimeoutMs);
      const againAtMs = await purgeVersion(lease, version, markOf(lease, version)).catch(unlessHeld(lease));
      if (againAtMs === undefined) {
        await lease.change((work, record) => [work, withoutVersion(record, version.id, clock.wallMs())]);
        break;
      }
      if (againAtMs <= clock.wallMs()) continue;
      later.push(againAtMs);
      break;
    }
  }
  return later.length === 0 ? undefined : Math.min(...later);
}

/**
 * Has a pair that was imported under the key pair's name removed first: what is restored after that gets another one. The name's own worker
 * rests by now, and what it had signed has arrived (retire.ts).
 */
async function nameless(lease: Lease, standing: Version): Promise<number | undefined> {
  if (lease.record.nameSlot?.held === undefined) return undefined;
  const by = await holdersOf(lease, standing);
  if (by.count !== undefined) return held(lease, 'KEY_PAIR_IN_USE', by);
  const { ports, identity, until } = lease;
  const keep: Vacater['keep'] = (make, also = (record) => record) =>
    lease.change((work, record) => [work, { ...also(record), nameSlot: make(record.nameSlot!) }]);
  for (;;) {
    const requireTime = (ms: number) => lease.requireTime(ms);
    requireTime(3 * ports.settings.callTimeoutMs);
    try {
      const againAtMs = await vacateName({ ports, identity, until, requireTime, record: lease.record, keep });
      if (againAtMs === undefined || againAtMs > ports.clock.wallMs()) return againAtMs;
    } catch (error) {
      if (!isHeld(error)) throw error;
      return held(lease, error.code, by);
    }
  }
}

/** Has the pair that counts removed before anything else: while the cloud holds on to it, all of the key pair stays as it is. */
async function whole(lease: Lease, standing: Version): Promise<number | undefined> {
  const { clock, settings } = lease.ports;
  const by = await holdersOf(lease, standing);
  if (by.count !== undefined && lease.record.state === 'retired') return held(lease, 'KEY_PAIR_IN_USE', by);
  for (;;) {
    lease.requireTime(3 * settings.callTimeoutMs);
    try {
      const againAtMs = await purgePair(lease, standing, {
        standing: markIn(lease.record, standing.id),
        save: (purging) => save(lease, purging, { state: 'purging' }),
        refused: async (purging) => {
          // A delete that is still on its way would take a pair that was restored.
          const state = purging.deletingUntilMs === undefined ? 'retired' : 'purging';
          await save(lease, purging, { state });
        },
      });
      if (againAtMs === undefined) return await gone(lease);
      if (againAtMs > clock.wallMs()) return againAtMs;
    } catch (error) {
      if (!isHeld(error)) throw error;
      return held(lease, error.code, by);
    }
  }
}

async function held(lease: Lease, code: Held['code'], by: Pick<Held, 'instances' | 'count'>): Promise<number> {
  const nowMs = lease.ports.clock.wallMs();
  const { tries = 0, sinceMs = nowMs } = lease.record.retirement?.held ?? {};
  await change(lease, (retirement) => ({
    ...retirement,
    held: { sinceMs, seenAtMs: nowMs, code, tries: tries + 1, ...by },
  }));
  return nowMs + heldPauseMs(tries + 1);
}

const isGone = ({ retirement, versions }: KeyPairRecord): boolean =>
  retirement?.goneId !== undefined || versions.length === 0;

const gone = (lease: Lease): Promise<undefined> =>
  lease
    .change((work, record) => {
      const { held: _, ...retirement } = record.retirement!;
      return [work, { ...record, state: 'purging', retirement: { ...retirement, goneId: record.versions.at(-1)!.id } }];
    })
    .then(() => undefined);

const change = (lease: Lease, make: (retirement: Retirement) => Retirement, also: Partial<KeyPairRecord> = {}) =>
  lease.change((work, record) => [work, { ...record, ...also, retirement: make(record.retirement!) }]);

const save = (lease: Lease, purging: Purging, also: Partial<KeyPairRecord> = {}): Promise<void> =>
  change(
    lease,
    ({ purges = [], ...retirement }) => ({
      ...retirement,
      purges: [...purges.filter(({ versionId }) => versionId !== purging.versionId), purging],
    }),
    also,
  );

const markIn = ({ retirement }: KeyPairRecord, id: string): Purging | undefined =>
  [...(retirement?.purges ?? []), retirement?.purging].find((mark) => mark?.versionId === id);

/** One of several pairs is held: the others go on. */
const unlessHeld =
  ({ ports }: Lease) =>
  (error: unknown): number => {
    if (!isHeld(error)) throw error;
    return ports.clock.wallMs() + LONGEST_PAUSE_MS;
  };

/** A delete that was decided while the version was on its way out may still arrive, and its mark stays where it is. */
const markOf = (lease: Lease, { id }: Version) => {
  const outgoing = lease.record.outgoing?.pairs.find(({ versionId }) => versionId === id);
  const marked = outgoing === undefined ? markIn(lease.record, id) : outgoing.purging;
  const keep = (purging: Purging) =>
    outgoing === undefined
      ? save(lease, purging)
      : lease.change((work, record) => {
          const pair = record.outgoing!.pairs.find(({ versionId }) => versionId === id)!;
          return [work, withPair(record, { ...pair, purging })];
        });
  return { standing: marked, save: keep, refused: keep };
};

/** The request stays on record; of what became of it, nothing is left. */
const vacant = ({ identity, request, requestHash, requestedBy, requestedAtMs, successors }: KeyPairRecord) =>
  ({
    identity,
    state: 'vacant',
    request,
    requestHash,
    requestedBy,
    requestedAtMs,
    versions: [],
    ...(successors === undefined ? {} : { successors }),
  }) satisfies KeyPairRecord;
