// Whoever works on a key pair's own name: what it may change, and how it waits.
import { failures, VendingError } from '../../errors.ts';
import type { KeyPairRecord } from '../record.ts';
import { heldPauseMs } from '../rotation/held-pause.ts';
import type { Held } from '../rotation/outgoing-record.ts';
import type { Work } from '../rotation/rotation-record.ts';
import type { WorkLease, WorkSlot } from '../rotation/work-lease.ts';
import type { NameSlot } from './slot-record.ts';

export type NameLease = WorkLease<Work>;

/** The work of having the name lead to the key that counts; it rests while the key pair is retired. */
export const nameWork: WorkSlot<Work> = {
  read: ({ state, nameSlot }) => (state === 'active' ? nameSlot?.work : undefined),
  write: (record, work) =>
    record.nameSlot === undefined ? record : { ...record, nameSlot: { ...record.nameSlot, work } },
};

export const slotOf = ({ record }: Pick<NameLease, 'record'>): NameSlot => record.nameSlot!;

/** @param make returns undefined where the record is not as it was any more: then nothing is written */
export const changeSlot = (
  lease: NameLease,
  make: (slot: NameSlot, record: KeyPairRecord) => NameSlot | undefined,
  also: (record: KeyPairRecord) => KeyPairRecord = (record) => record,
): Promise<void> =>
  lease.change((work, record) => {
    const slot = make(record.nameSlot!, record);
    return slot === undefined ? work : [work, { ...also(record), nameSlot: slot }];
  });

/** There is nothing to keep, and nothing to wait for. */
export const dropSlot = (lease: NameLease): Promise<void> =>
  lease.change((work, { nameSlot: _, ...record }) => [work, record]);

/** @returns when it is tried again */
export async function blocked(
  lease: NameLease,
  code: Held['code'],
  by: Pick<Held, 'instances' | 'count'> = {},
): Promise<number> {
  const nowMs = lease.ports.clock.wallMs();
  const { tries: before = 0, sinceMs = nowMs } = slotOf(lease).blocked ?? {};
  const tries = before + 1;
  await changeSlot(lease, (slot) => ({ ...slot, blocked: { sinceMs, seenAtMs: nowMs, code, tries, ...by } }));
  return nowMs + heldPauseMs(tries);
}

export const didNothing = (error: unknown): error is VendingError =>
  error instanceof VendingError && error.effect === 'none';

/** People see to that, and until then nothing comes of asking again in a hurry. */
export const isForGood = (error: unknown): boolean =>
  error instanceof VendingError && !('retry' in failures[error.code]);
