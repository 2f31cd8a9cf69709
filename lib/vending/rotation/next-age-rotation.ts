// When a key pair is next rotated because of its age, or why it is not. What the schedule does about it is in rotation-schedule.ts.
import type { KeyPairRecord } from '../record.ts';
import { type PolicyDefaults, policyOf } from './policy.ts';
import { isUnderWay } from './rotation-record.ts';
import { mayBegin, oldAtMs } from './rotation-schedule.ts';

/**
 * Why no moment is set:
 * - `off`: its policy sets no `maxAgeDays`
 * - `under-way`: a rotation is; the age of its key counts from the promotion on
 * - `undone`: hosts still have lines that earlier rotations are to remove
 * - `lingering`: so many old pairs are on their way out that no further one may join them
 * - `retired`: it is out of use
 * - `not-in-use`: there is no key that counts: it is not made yet, or something else has its name
 * - `successor`: a rotation of another key pair made it
 */
export const whyNone = ['off', 'under-way', 'undone', 'lingering', 'retired', 'not-in-use', 'successor'] as const;
export type WhyNone = (typeof whyNone)[number];

/** `atMs` may have passed: then it begins as soon as a worker comes. */
export type NextAgeRotation = { readonly atMs: number } | { readonly none: WhyNone };

export function nextAgeRotation(record: KeyPairRecord, defaults: PolicyDefaults): NextAgeRotation {
  // Seen as it is planned the next time that anything is written.
  const atMs = oldAtMs(record, defaults) ?? oldAtMs(record, { ...defaults, ageSpread: 0 });
  return atMs === undefined ? { none: reasonOf(record, defaults) } : { atMs };
}

function reasonOf(record: KeyPairRecord, defaults: PolicyDefaults): WhyNone {
  const { state, successorOf, versions, rotations = [] } = record;
  if (successorOf !== undefined) return 'successor';
  if (state === 'retired' || state === 'purging') return 'retired';
  if (state !== 'active' || versions.length === 0) return 'not-in-use';
  if (policyOf(record, defaults).maxAgeDays === 0) return 'off';
  if (rotations.some(isUnderWay)) return 'under-way';
  return mayBegin({ versions, rotations }, {}) ? 'lingering' : 'undone';
}
