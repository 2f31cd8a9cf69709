// promoted -> old-key-removed -> purged: once the overlap is over, the old line is removed from the hosts, and once it is gone
// from all of them, the old pair and its key.
import { VendingError } from '../../errors.ts';
import { type KeyHalves, proveKey, removeKey } from '../../hosts/keys-on-host.ts';
import { inProgress } from '../held-lease.ts';
import { settledAtMs } from '../record.ts';
import { allProven, allWithoutOldKey, hostsOf } from './coverage.ts';
import { type HostPass, onHosts } from './on-hosts.ts';
import { DAY_MS, policyOf } from './policy.ts';
import { readersGetIt } from './promote.ts';
import { purgeVersion } from './purge-version.ts';
import { addKeyPass } from './roll-out.ts';
import { isOver } from './rotation-record.ts';
import { asEnded, bothKeys, coverageMissed, keyOf, moveTo, purgeMarkOf, type RotationLease } from './step-support.ts';

/** Hosts that were off are caught up all along; the old key is not purged before they are caught up or waived. */
export async function removeOldKey(lease: RotationLease): Promise<number | undefined> {
  const { ports } = lease;
  const { defaults } = ports.rotation;
  await eachHost(lease, (old, next, stays) => {
    const add = addKeyPass(old, next);
    return { ...add, act: (reach) => add.act(reach).catch(orWith(stays, (key) => proveKey(reach, key))) };
  });
  const overMs = (lease.work.promotedAtMs ?? 0) + Math.round(policyOf(lease.record, defaults).overlapDays * DAY_MS);
  if (ports.clock.wallMs() < overMs) {
    if (!allProven(lease.record, lease.work, defaults)) throw coverageMissed();
    return overMs;
  }
  // The key that stays must be one that no other rotation is about to remove: the oldest rotation goes first.
  const first = lease.record.rotations?.find((rotation) => !isOver(rotation));
  if (first !== undefined && first.id !== lease.work.id) throw inProgress(60_000);
  if (!(await readersGetIt(lease))) throw new VendingError('STORE_UNAVAILABLE', 'Readers do not get the new key yet');
  await eachHost(lease, (old, next, stays) => ({
    needs: ({ outcome, oldRemoved }) => outcome === 'ok' && oldRemoved !== true,
    act: (reach) => removeKey(reach, old, next).catch(orWith(stays, (key) => removeKey(reach, old, key))),
    after: (progress) => ({ ...progress, oldRemoved: true }),
  }));
  if (!allWithoutOldKey(lease.record, lease.work, defaults)) throw coverageMissed();
  return moveTo(lease, 'old-key-removed');
}

type Stays = KeyHalves | undefined;

/** @param pass receives the old key, the one after it, and the one that counts by now where that is a later one */
async function eachHost(
  lease: RotationLease,
  pass: (old: KeyHalves, next: KeyHalves, stays: Stays) => HostPass,
): Promise<void> {
  if (hostsOf(lease.record, lease.work, lease.ports.rotation.defaults).length === 0) return;
  const [old, next] = await bothKeys(lease);
  const standing = lease.record.versions.at(-1);
  const later = standing !== undefined && standing.id !== lease.work.successor?.id;
  await onHosts(lease, pass(old, next, later ? await keyOf(lease, standing.id) : undefined));
}

/**
 * A host that was listed since may have the key that counts by now, and no other: the old one is refused there, or a management
 * key, which is not, finds no line of it.
 */
const orWith =
  <T>(key: Stays, act: (key: KeyHalves) => Promise<T>) =>
  (first: unknown): Promise<T> => {
    if (key === undefined || !(is(first, 'LOGIN_REFUSED') || is(first, 'HOST_LINE_ABSENT'))) throw first;
    return act(key).catch((second: unknown) => {
      throw is(second, 'LOGIN_REFUSED') ? first : second;
    });
  };

const is = (error: unknown, code: VendingError['code']): boolean =>
  error instanceof VendingError && error.code === code;

/** One conditional write both checks the listed hosts for the last time and begins what cannot be taken back. */
const decide = (lease: RotationLease): Promise<void> =>
  lease.change((rotation, record) =>
    allWithoutOldKey(record, rotation, lease.ports.rotation.defaults)
      ? { ...rotation, purging: { versionId: rotation.from.id } }
      : { ...rotation, state: 'promoted' },
  );

export async function purgeOld(lease: RotationLease): Promise<number | undefined> {
  const { clock, settings } = lease.ports;
  if (lease.work.purging === undefined) await decide(lease);
  if (lease.work.state !== 'old-key-removed') return undefined;
  const old = lease.record.versions.find(({ id }) => id === lease.work.from.id);
  if (old !== undefined && old !== lease.record.versions.at(-1)) {
    const soonestMs = settledAtMs(old, settings);
    if (clock.wallMs() < soonestMs) return soonestMs;
    const againAtMs = await purgeVersion(lease, old, purgeMarkOf(lease));
    if (againAtMs !== undefined) return againAtMs;
  }
  await lease.change((rotation, record) => [
    asEnded(lease, rotation, 'purged'),
    { ...record, versions: record.versions.filter(({ id }) => id !== rotation.from.id) },
  ]);
}
