// promoted -> old-key-removed: once the overlap is over, the old line is removed from the hosts. Then the old pair and its key are
// on their way out (purge-outgoing.ts).
import { VendingError } from '../../errors.ts';
import {
  type HostAccess,
  type KeyHalves,
  type KnownKey,
  proveKey,
  removeKey,
  type ShownHostKey,
} from '../../hosts/keys-on-host.ts';
import { inProgress } from '../held-lease.ts';
import { allProven, allWithoutOldKey, earlierOf, hostsOf, isClearOfEarlier } from './coverage.ts';
import type { HostPass } from './host-pass.ts';
import { onHosts } from './on-hosts.ts';
import { SWEEP_MS, withOutgoing } from './outgoing.ts';
import { readersGetIt } from './promote.ts';
import { referencesTo } from './references.ts';
import { addKeyPass } from './roll-out.ts';
import { overlapOverMs } from './rotation-schedule.ts';
import { asEnded, bothKeys, hostsOutstanding, keyOf, moveTo, type RotationLease, unlessLost } from './step-support.ts';
import { updateTemplates } from './update-templates.ts';

/** Hosts that were off are caught up all along; the old key is not purged before they are caught up or waived. */
export async function removeOldKey(lease: RotationLease): Promise<number | undefined> {
  const { ports } = lease;
  const { defaults } = ports.rotation;
  await lookForReferences(lease);
  await updateTemplates(lease).catch(unlessLost); // nothing that is about hosts waits for it
  await eachHost(lease, (old, next, stays) => {
    const add = addKeyPass(lease, old, next, stays ?? next);
    return {
      ...add,
      // A host that has the key that counts by now needs no other: beside the old one, that would be a third.
      act: async (reach, progress) => (stays && (await whereIn(reach, stays))) ?? add.act(reach, progress),
    };
  });
  const [nowMs, overMs] = [ports.clock.wallMs(), overlapOverMs(lease.record, lease.work, defaults)];
  if (nowMs < overMs) {
    if (!allProven(lease.record, lease.work, defaults)) throw hostsOutstanding();
    return Math.min(overMs, nowMs + SWEEP_MS); // hosts may be found meanwhile, or were listed while this was at work
  }
  if (!(await readersGetIt(lease))) throw new VendingError('STORE_UNAVAILABLE', 'Readers do not get the new key yet');
  await eachHost(lease, (old, next, stays) => ({
    // The key that stays must be one that no other rotation is about to remove: on each host the oldest rotation goes first.
    needs: ({ outcome, oldRemoved }, host) =>
      outcome === 'ok' && oldRemoved !== true && isClearOfEarlier(lease.record, lease.work, host),
    act: (reach) => removeKey(reach, old, next).catch(orWith(stays, (key) => removeKey(reach, old, key))),
    after: (progress) => ({ ...progress, oldRemoved: true }),
  }));
  if (!allWithoutOldKey(lease.record, lease.work, defaults)) throw hostsOutstanding();
  // An earlier rotation that still waits for a host lets this one's old key in there first.
  if (earlierOf(lease.record, lease.work).length > 0) throw inProgress(60_000);
  return moveTo(lease, 'old-key-removed');
}

/** Once: what names the old pair is told as long as it is still there. */
async function lookForReferences(lease: RotationLease): Promise<void> {
  const old = lease.record.versions.find(({ id }) => id === lease.work.from.id);
  if (lease.work.references !== undefined || old === undefined) return;
  const references = await referencesTo(lease, old);
  if (references !== undefined) await lease.change((rotation) => ({ ...rotation, references }));
}

type Stays = KeyHalves | undefined;

/** @param pass receives the old key, the one after it, and the one that counts by now where that is a later one */
async function eachHost(
  lease: RotationLease,
  pass: (old: KnownKey, next: KeyHalves, stays: Stays) => HostPass,
): Promise<void> {
  if (hostsOf(lease.record, lease.work, lease.ports.rotation.defaults).length === 0) return;
  const [old, next] = await bothKeys(lease);
  const standing = lease.record.versions.at(-1);
  const later = standing !== undefined && standing.id !== lease.work.successor?.id;
  await onHosts(lease, pass(old, next, later ? await keyOf(lease, standing.id) : undefined));
}

/** @returns undefined for a host that refuses the key */
const whereIn = (reach: HostAccess, key: KeyHalves): Promise<ShownHostKey | undefined> =>
  proveKey(reach, key).catch((error: unknown) => {
    if (!is(error, 'LOGIN_REFUSED') && !is(error, 'JUMP_REFUSED')) throw error;
    return undefined;
  });

/**
 * A host that was listed since may have the key that counts by now, and no other: the old one is refused there, or a management
 * key, which is not, finds no line of it.
 */
const orWith =
  <T>(key: Stays, act: (key: KeyHalves) => Promise<T>) =>
  (first: unknown): Promise<T> => {
    const isUnknown = is(first, 'LOGIN_REFUSED') || is(first, 'JUMP_REFUSED') || is(first, 'HOST_LINE_ABSENT');
    if (key === undefined || !isUnknown) throw first;
    return act(key).catch((second: unknown) => {
      throw is(second, 'LOGIN_REFUSED') ? first : second;
    });
  };

const is = (error: unknown, code: VendingError['code']): boolean =>
  error instanceof VendingError && error.code === code;

/** From here on nothing waits for the old pair, which may be attached to an instance for years. */
export async function handOver(lease: RotationLease): Promise<undefined> {
  const nowMs = lease.ports.clock.wallMs();
  await lease.change((rotation, record) => {
    const ended = asEnded(lease, rotation, 'old-key-removed'); // its lease is given up by the next write, or by whoever comes next
    const { id } = rotation.from;
    const standing = record.versions.at(-1);
    if (!record.versions.some((version) => version.id === id) || standing?.id === id)
      return [{ ...ended, state: 'purged' as const, purgedAtMs: nowMs }, record];
    return [ended, withOutgoing(record, rotation, nowMs)];
  });
}
