// The end of a key pair that was retired: once its grace period is over, every version is removed, and then its name is free.
import type { Deadline } from '../../clock.ts';
import type { Identity } from '../../identity.ts';
import type { KeyPairRecord } from '../record.ts';
import { changeRecord } from './change-record.ts';
import { purgeVersion } from './purge-version.ts';
import { putOff } from './put-off.ts';
import type { RotationPorts } from './rotation-ports.ts';
import type { Purging, Work } from './rotation-record.ts';
import { retirementSlot, WorkLease } from './work-lease.ts';

/** One conditional write both begins the purge and ensures that the key pair was not restored. */
export async function purgeRetired(ports: RotationPorts, identity: Identity, until: Deadline): Promise<void> {
  await changeRecord(ports, identity, (record) => {
    const due = record.state === 'retired' && (record.retirement?.purgeAtMs ?? 0) <= ports.clock.wallMs();
    return due ? { ...record, state: 'purging' } : record;
  });
  const lease = await WorkLease.take(ports, identity, retirementSlot, until);
  if (lease === undefined) return;
  try {
    for (let [version] = lease.record.versions; version !== undefined; [version] = lease.record.versions) {
      lease.requireTime(3 * ports.settings.callTimeoutMs);
      const { id } = version;
      const againAtMs = await purgeVersion(lease, version, markOf(lease));
      if (againAtMs === undefined) {
        await lease.change((work, record) => [
          work,
          { ...record, versions: record.versions.filter((v) => v.id !== id) },
        ]);
      } else if (againAtMs > ports.clock.wallMs()) {
        return await lease.release({ failures: 0, nextTryAtMs: againAtMs });
      }
    }
    await changeRecord(ports, identity, (record) => (record.state === 'purging' ? vacant(record) : record));
  } catch (error) {
    await putOff(lease, error);
    throw error;
  }
}

const markOf = (lease: WorkLease<Work>) => ({
  standing: lease.record.retirement?.purging,
  save: (purging: Purging) =>
    lease.change((work, record) => [work, { ...record, retirement: { ...record.retirement!, purging } }]),
});

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
