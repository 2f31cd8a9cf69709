// The end of a key pair that was retired: once its grace is over, every version goes, and then its name is free.
import type { Deadline } from '../../clock.ts';
import type { Identity } from '../../identity.ts';
import type { KeyPairRecord } from '../record.ts';
import { putOff } from './advance.ts';
import { changed } from './change-record.ts';
import { purgeVersion } from './purge-version.ts';
import type { RotationParts } from './rotation-ports.ts';
import type { Purging, Work } from './rotation-record.ts';
import { atRetirement, Working } from './work-lease.ts';

/** That it begins, and that the key pair is not restored, is one conditional write. */
export async function purgeRetired(parts: RotationParts, identity: Identity, until: Deadline): Promise<void> {
  await changed(parts, identity, (record) => {
    const due = record.state === 'retired' && (record.retirement?.purgeAtMs ?? 0) <= parts.clock.wallMs();
    return due ? { ...record, state: 'purging' } : record;
  });
  const working = await Working.take(parts, identity, atRetirement, until);
  if (working === undefined) return;
  try {
    for (let [version] = working.record.versions; version !== undefined; [version] = working.record.versions) {
      working.enough(3 * parts.settings.callTimeoutMs);
      const { id } = version;
      const againAtMs = await purgeVersion(working, version, markOf(working));
      if (againAtMs === undefined) {
        await working.change((work, record) => [
          work,
          { ...record, versions: record.versions.filter((v) => v.id !== id) },
        ]);
      } else if (againAtMs > parts.clock.wallMs()) {
        return await working.release({ failures: 0, nextTryAtMs: againAtMs });
      }
    }
    await changed(parts, identity, (record) => (record.state === 'purging' ? vacant(record) : record));
  } catch (error) {
    await putOff(working, error);
    throw error;
  }
}

const markOf = (working: Working<Work>) => ({
  standing: working.record.retirement?.purging,
  save: (purging: Purging) =>
    working.change((work, record) => [work, { ...record, retirement: { ...record.retirement!, purging } }]),
});

/** What was asked stays on record; of what became of it, nothing is left. */
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
