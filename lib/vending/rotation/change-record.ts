// Changing a record that others change as well: read, change, write if nobody was faster, else try once more.
import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import { fileRecord } from '../file-record.ts';
import { noticed } from '../notices.ts';
import { withNameWork } from '../own-name/slot.ts';
import type { KeyPairRecord } from '../record.ts';
import type { CommandPorts } from './rotation-ports.ts';
import { type Rotation, rotationStates } from './rotation-record.ts';
import { withSchedule } from './rotation-schedule.ts';

const ROUNDS = 8;

/**
 * @param make returns the record as it should be, or the very same one where nothing changes; it may be called several times
 * @returns what is on record now
 * @throws {VendingError} KEY_PAIR_ABSENT; IN_PROGRESS when others were faster every time; and whatever `make` throws
 */
export async function changeRecord(
  ports: CommandPorts,
  identity: Identity,
  make: (record: KeyPairRecord) => KeyPairRecord | Promise<KeyPairRecord>,
): Promise<KeyPairRecord> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const filed = await ports.ledger.read(identity);
    if (filed === undefined) throw keyPairAbsent();
    const made = await make(filed.record);
    if (made === filed.record) return made;
    const { defaults } = ports.rotation;
    const nowMs = ports.clock.wallMs();
    const named = withNameWork(filed.record, made, defaults, nowMs);
    const record = noticed(filed.record, withSchedule(named, defaults, nowMs), nowMs);
    if (record.rotateAtMs === filed.record.rotateAtMs && same(named, filed.record)) return record;
    const written = await fileRecord(ports, filed, record);
    if (written !== 'conflict') return written.record;
  }
  throw new VendingError('IN_PROGRESS', 'Others are changing this key pair', { retryAfterMs: 1_000 });
}

const same = (one: KeyPairRecord, other: KeyPairRecord): boolean => JSON.stringify(one) === JSON.stringify(other);

/** @throws {VendingError} KEY_PAIR_ABSENT, KEY_PAIR_RETIRED */
export function inUse(record: KeyPairRecord): KeyPairRecord {
  const { state, successorOf } = record;
  if (state === 'retired' || state === 'purging')
    throw new VendingError('KEY_PAIR_RETIRED', 'The key pair is out of use');
  if (state !== 'active' || successorOf !== undefined) throw keyPairAbsent();
  return record;
}

/** @throws {VendingError} ROTATION_ABSENT */
export function rotationOf({ rotations = [], identity }: KeyPairRecord, id: string): Rotation {
  const found = rotations.find((rotation) => rotation.id === id);
  if (found !== undefined) return found;
  throw new VendingError('ROTATION_ABSENT', `No such rotation of this ${identity.provider} key pair is on record`);
}

/** The record with one of its rotations changed. */
export const withRotation = (record: KeyPairRecord, changed: Rotation): KeyPairRecord => ({
  ...record,
  rotations: (record.rotations ?? []).map((rotation) => (rotation.id === changed.id ? changed : rotation)),
});

export const hasReached = (rotation: Rotation, state: Rotation['state']): boolean =>
  rotationStates.indexOf(rotation.state) >= rotationStates.indexOf(state);

export const keyPairAbsent = () => new VendingError('KEY_PAIR_ABSENT', 'No key pair of that name is in use here');
