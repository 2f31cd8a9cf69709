// promoted -> old-key-removed -> purged: once the overlap is over the old line goes from the hosts, and once it is gone from all of
// them, the old pair and its key.
import { VendingError } from '../../errors.ts';
import { type Key, proveKey, removeKey } from '../../hosts/keys-on-host.ts';
import { inProgress } from '../attempt-lease.ts';
import { settledAtMs } from '../record.ts';
import { allProven, allRid, hostsOf } from './coverage.ts';
import { onHosts, type Pass } from './on-hosts.ts';
import { DAY_MS, policyOf } from './policy.ts';
import { labelled } from './promote.ts';
import { purgeVersion } from './purge-version.ts';
import { adding } from './roll-out.ts';
import { isOver } from './rotation-record.ts';
import { type At, bothKeys, ended, keyOf, markOf, missed, to } from './step-support.ts';

/** Hosts that were off are caught up all along; the old key is not purged before they are, or are waived. */
export async function removeOldKey(at: At): Promise<number | undefined> {
  const { parts } = at;
  const { defaults } = parts.rotation;
  await eachHost(at, (old, next, stays) => {
    const add = adding(old, next);
    return { ...add, act: (reach) => add.act(reach).catch(orWith(stays, (key) => proveKey(reach, key))) };
  });
  const overMs = (at.work.promotedAtMs ?? 0) + Math.round(policyOf(at.record, defaults).overlapDays * DAY_MS);
  if (parts.clock.wallMs() < overMs) {
    if (!allProven(at.record, at.work, defaults)) throw missed();
    return overMs;
  }
  // The key that stays has to be one that no other rotation is about to remove: the oldest goes first.
  const first = at.record.rotations?.find((rotation) => !isOver(rotation));
  if (first !== undefined && first.id !== at.work.id) throw inProgress(60_000);
  if (!(await labelled(at))) throw new VendingError('STORE_UNAVAILABLE', 'Readers do not get the new key yet');
  await eachHost(at, (old, next, stays) => ({
    needs: ({ outcome, oldRemoved }) => outcome === 'ok' && oldRemoved !== true,
    act: (reach) => removeKey(reach, old, next).catch(orWith(stays, (key) => removeKey(reach, old, key))),
    after: (progress) => ({ ...progress, oldRemoved: true }),
  }));
  if (!allRid(at.record, at.work, defaults)) throw missed();
  return to(at, 'old-key-removed');
}

type Stays = Key | undefined;

/** @param pass gets the old key, the one after it, and the one that counts by now where that is a later one */
async function eachHost(at: At, pass: (old: Key, next: Key, stays: Stays) => Pass): Promise<void> {
  if (hostsOf(at.record, at.work, at.parts.rotation.defaults).length === 0) return;
  const [old, next] = await bothKeys(at);
  const standing = at.record.versions.at(-1);
  const later = standing !== undefined && standing.id !== at.work.successor?.id;
  await onHosts(at, pass(old, next, later ? await keyOf(at, standing.id) : undefined));
}

/** A host that was listed since may have the key that counts by now, and no other. */
const orWith =
  <T>(key: Stays, act: (key: Key) => Promise<T>) =>
  (error: unknown): Promise<T> => {
    if (key === undefined || !(error instanceof VendingError) || error.code !== 'LOGIN_REFUSED') throw error;
    return act(key);
  };

/** The last look at the hosts that are listed, and the beginning of what cannot be taken back, are one conditional write. */
const decide = (at: At): Promise<void> =>
  at.change((rotation, record) =>
    allRid(record, rotation, at.parts.rotation.defaults)
      ? { ...rotation, purging: { versionId: rotation.from.id } }
      : { ...rotation, state: 'promoted' },
  );

export async function purgeOld(at: At): Promise<number | undefined> {
  const { clock, settings } = at.parts;
  if (at.work.purging === undefined) await decide(at);
  if (at.work.state !== 'old-key-removed') return undefined;
  const old = at.record.versions.find(({ id }) => id === at.work.from.id);
  if (old !== undefined && old !== at.record.versions.at(-1)) {
    const soonestMs = settledAtMs(old, settings);
    if (clock.wallMs() < soonestMs) return soonestMs;
    const againAtMs = await purgeVersion(at, old, markOf(at));
    if (againAtMs !== undefined) return againAtMs;
  }
  await at.change((rotation, record) => [
    ended(at, rotation, 'purged'),
    { ...record, versions: record.versions.filter(({ id }) => id !== rotation.from.id) },
  ]);
}
