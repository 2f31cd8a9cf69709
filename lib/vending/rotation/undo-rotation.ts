// cancelling -> cancelled: the new line is removed from the hosts, then its pair and its key. The old key was never touched.
import { removeKey } from '../../hosts/keys-on-host.ts';
import type { Identity } from '../../identity.ts';
import type { Version } from '../attempt.ts';
import { inProgress } from '../held-lease.ts';
import { settle } from '../settle.ts';
import { hostsOf, progressOf } from './coverage.ts';
import { onHosts } from './on-hosts.ts';
import { withStray } from './outgoing.ts';
import { isHeld, purgeVersion } from './purge-version.ts';
import { abandon, asEnded, coverageMissed, oldKeyOf, purgeMarkOf, type RotationLease } from './step-support.ts';

export async function undoRotation(lease: RotationLease): Promise<number | undefined> {
  const { ports, identity, work } = lease;
  // A key that cannot be read keeps nobody from cancelling what was never begun on any host.
  if (work.successor !== undefined && Object.values(work.hosts).some(({ added }) => added)) {
    const old = await oldKeyOf(lease);
    const { publicKey } = work.successor;
    await onHosts(lease, {
      needs: ({ added }) => added === true,
      act: (reach) => removeKey(reach, { publicKey }, old),
      after: () => ({ outcome: 'unverified' }),
    });
    const listed = hostsOf(lease.record, lease.work, ports.rotation.defaults);
    if (listed.some((host) => progressOf(lease.work, host).added)) throw coverageMissed();
  }
  const name = work.successorName;
  const successor = await unfinished(lease, { ...identity, name });
  if (successor !== undefined) {
    const version = { ...successor, upstreamName: name };
    try {
      const againAtMs = await purgeVersion(lease, version, purgeMarkOf(lease));
      if (againAtMs !== undefined) return againAtMs;
    } catch (error) {
      if (!isHeld(error)) throw error;
      // An instance was launched with it: it lingers like any old pair, and the next rotation need not wait for that.
      const nowMs = ports.clock.wallMs();
      return void (await lease.change((rotation, record) => [
        asEnded(lease, rotation, 'cancelled'),
        withStray(record, version, rotation, nowMs),
      ]));
    }
  }
  await lease.change((rotation) => asEnded(lease, rotation, 'cancelled'));
}

/** The successor's version, once nobody can still be making it. */
async function unfinished(lease: RotationLease, successor: Identity): Promise<Version | undefined> {
  const { ports, identity } = lease;
  const filed = await ports.ledger.read(successor);
  if (filed?.record.successorOf !== identity.name) return undefined; // a name that somebody else had
  if (filed.record.attempt !== undefined) await settle(ports, await ports.providerFor(successor), filed);
  const record = (await ports.ledger.read(successor))?.record;
  // Somebody else has the name, too: recovery checks it again when that is over, which may be never.
  if (record?.state === 'conflict') return void (await abandon(lease));
  if (record?.attempt !== undefined) throw inProgress((record.settleAtMs ?? 0) - ports.clock.wallMs());
  return record?.versions.at(-1);
}
