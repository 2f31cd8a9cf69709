// Taking a key pair out of use: everything of it stays where it is for a while, and can be restored; then it is purged
// (rotation/purge-retired.ts).
import { VendingError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import { inProgress } from './held-lease.ts';
import { movedByMs } from './own-secret.ts';
import { type KeyPairRecord, settledAtMs } from './record.ts';
import { changeRecord, inUse } from './rotation/change-record.ts';
import type { CommandPorts } from './rotation/rotation-ports.ts';
import { isUnderWay } from './rotation/rotation-record.ts';

/**
 * @param caller who asks, for the record
 * @throws {VendingError} KEY_PAIR_ABSENT; ROTATION_IN_PROGRESS until the rotation is promoted or cancelled; IN_PROGRESS while
 * something of an earlier attempt, or another name for a pair, may still arrive
 */
export function retire(ports: CommandPorts, identity: Identity, caller: string): Promise<KeyPairRecord> {
  const { clock, rotation, settings } = ports;
  return changeRecord(ports, identity, (record) => {
    if (record.state === 'retired' || record.state === 'purging') return record;
    const { closing, rotations = [] } = inUse(record);
    if (rotations.some(isUnderWay)) throw new VendingError('ROTATION_IN_PROGRESS', 'A rotation is under way');
    const nowMs = clock.wallMs();
    if (closing !== undefined) throw inProgress(closing.at(-1)!.untilMs - nowMs);
    if (record.nameSlot?.importing !== undefined || record.nameSlot?.renaming !== undefined) throw inProgress(60_000);
    const settledMs = record.versions.map((version) =>
      Math.max(settledAtMs(version, settings), movedByMs(record, version.id)),
    );
    const purgeAtMs = Math.max(nowMs + rotation.graceMs, ...settledMs);
    const work = { failures: 0, nextTryAtMs: purgeAtMs };
    return { ...record, state: 'retired', retirement: { requestedBy: caller, requestedAtMs: nowMs, purgeAtMs, work } };
  });
}

/** Brings it back into use, with all its versions. @throws {VendingError} KEY_PAIR_ABSENT, also once it is being purged */
export const restore = (ports: CommandPorts, identity: Identity): Promise<KeyPairRecord> =>
  changeRecord(ports, identity, (record) => {
    if (record.state === 'active') return inUse(record);
    if (record.state !== 'retired') throw new VendingError('KEY_PAIR_ABSENT', 'There is nothing that can be restored');
    const { retirement: _, ...rest } = record;
    return { ...rest, state: 'active' };
  });
