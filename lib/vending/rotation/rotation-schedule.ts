// When a record is due for the rotation worker: one moment for all that waits in it, so that one index finds it.
import type { KeyPairRecord } from '../record.ts';
import { DAY_MS, type PolicyDefaults, policyOf } from './policy.ts';
import { isUnderWay } from './rotation-record.ts';

/** How many versions may exist beside the one that counts when a rotation begins. */
export const MOST_OLD = 1;

export type AgeDefaults = Pick<PolicyDefaults, 'maxAgeDays' | 'bounds'>;

/** The record with the `rotateAtMs` that its content asks for. Every write of a rotation goes through here. */
export function withSchedule(record: KeyPairRecord, defaults: AgeDefaults): KeyPairRecord {
  const { rotateAtMs: _, ...rest } = record;
  const moments = [...waiting(record), oldAtMs(record, defaults)].filter((ms) => ms !== undefined);
  return moments.length === 0 ? rest : { ...rest, rotateAtMs: Math.min(...moments) };
}

/** Rotations rest while a key pair is retired. */
const waiting = ({ state, rotations = [], retirement }: KeyPairRecord): (number | undefined)[] =>
  state === 'active' ? rotations.map(({ nextTryAtMs }) => nextTryAtMs) : [retirement?.work.nextTryAtMs];

/** When its key is as old as its policy permits; undefined while it cannot be rotated, and where its policy sets no age. */
export function oldAtMs(record: KeyPairRecord, defaults: AgeDefaults): number | undefined {
  const { state, successorOf, versions, rotations = [] } = record;
  const { maxAgeDays } = policyOf(record, defaults as PolicyDefaults);
  const standing = versions.at(-1);
  if (state !== 'active' || successorOf !== undefined || standing === undefined || maxAgeDays === 0) return undefined;
  if (rotations.some(isUnderWay) || versions.length - 1 > MOST_OLD) return undefined;
  return standing.activatedAtMs + Math.round(maxAgeDays * DAY_MS);
}
