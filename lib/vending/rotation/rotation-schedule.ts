// When a record is due for the rotation worker: one moment for all that waits in it, so that one index finds it.
import { sharing } from '../own-secret.ts';
import type { KeyPairRecord } from '../record.ts';
import { DAY_MS, type PolicyDefaults, policyOf } from './policy.ts';
import { isDone, isUnderWay, type Rotation } from './rotation-record.ts';

/** How many earlier rotations may have lines left on hosts when another one begins. */
const MOST_UNDONE = 1;
/** How many old pairs may be on their way out: each of them is in the record, with its public key. */
const MOST_OUTGOING = 60;

/** Whether another rotation may begin now. One more key is stored while it is under way. */
export const mayBegin = (
  record: Pick<KeyPairRecord, 'rotations' | 'outgoing' | 'versions'>,
  { mostVersions = Number.POSITIVE_INFINITY }: Pick<PolicyDefaults, 'mostVersions'>,
): boolean =>
  (record.rotations ?? []).filter((one) => !isDone(one)).length <= MOST_UNDONE &&
  (record.outgoing?.pairs.length ?? 0) < MOST_OUTGOING &&
  sharing(record).length < mostVersions;

/** When the old key of a promoted rotation is to be taken off the hosts. */
export const overlapOverMs = (
  record: KeyPairRecord,
  { promotedAtMs = 0 }: Rotation,
  defaults: PolicyDefaults,
): number => promotedAtMs + Math.round(policyOf(record, defaults).overlapDays * DAY_MS);

export type AgeDefaults = Pick<PolicyDefaults, 'maxAgeDays' | 'bounds' | 'mostVersions'>;

/** The record with the `rotateAtMs` that its content asks for. Every write of a rotation goes through here. */
export function withSchedule(record: KeyPairRecord, defaults: AgeDefaults): KeyPairRecord {
  const { rotateAtMs: _, ...rest } = record;
  const moments = [...waiting(record), oldAtMs(record, defaults)].filter((ms) => ms !== undefined);
  return moments.length === 0 ? rest : { ...rest, rotateAtMs: Math.min(...moments) };
}

/** Rotations rest while a key pair is retired. */
const waiting = ({ state, rotations = [], outgoing, nameSlot, retirement }: KeyPairRecord): (number | undefined)[] =>
  state === 'active'
    ? [...rotations.map(({ nextTryAtMs }) => nextTryAtMs), outgoing?.work.nextTryAtMs, nameSlot?.work.nextTryAtMs]
    : [retirement?.work.nextTryAtMs];

/** When its key is as old as its policy permits; undefined while it cannot be rotated, and where its policy sets no age. */
export function oldAtMs(record: KeyPairRecord, defaults: AgeDefaults): number | undefined {
  const { state, successorOf, versions, rotations = [] } = record;
  const { maxAgeDays } = policyOf(record, defaults as PolicyDefaults);
  const standing = versions.at(-1);
  if (state !== 'active' || successorOf !== undefined || standing === undefined || maxAgeDays === 0) return undefined;
  if (rotations.some(isUnderWay) || !mayBegin(record, defaults)) return undefined;
  return standing.activatedAtMs + Math.round(maxAgeDays * DAY_MS);
}
