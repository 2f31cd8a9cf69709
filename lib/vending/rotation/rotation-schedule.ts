// When a record is due for the rotation worker: one moment for all that waits in it, so that one index finds it.
import { DAY_MS } from '../../clock.ts';
import { type AgePlan, type Aging, agePlan } from '../age-plan.ts';
import { sharing } from '../own-secret.ts';
import type { KeyPairRecord } from '../record.ts';
import { type PolicyDefaults, policyOf } from './policy.ts';
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

export type AgeDefaults = Pick<PolicyDefaults, 'maxAgeDays' | 'bounds' | 'mostVersions' | 'ageSpread'>;

/** The record with the `agePlan` and `rotateAtMs` that its content asks for. Every write of a rotation goes through here. */
export function withSchedule(record: KeyPairRecord, defaults: AgeDefaults, nowMs: number): KeyPairRecord {
  const { rotateAtMs: _, ...planned } = withAgePlan(record, defaults, nowMs);
  const moments = [...waiting(planned), oldAtMs(planned, defaults)].filter((ms) => ms !== undefined);
  return moments.length === 0 ? planned : { ...planned, rotateAtMs: Math.min(...moments) };
}

/** A plan that is still good stays as it is, whatever else happens to the record. */
function withAgePlan(
  { agePlan: standing, ...record }: KeyPairRecord,
  defaults: AgeDefaults,
  nowMs: number,
): KeyPairRecord {
  const aging = agingOf(record, defaults);
  if (standing !== undefined && isGood(standing, record, defaults)) return { ...record, agePlan: standing };
  return aging === undefined ? record : { ...record, agePlan: agePlan(aging, nowMs) };
}

const ageOf = (record: KeyPairRecord, defaults: AgeDefaults): number =>
  policyOf(record, defaults as PolicyDefaults).maxAgeDays;

/** Days that went through milliseconds may differ in their last digit. */
const isGood = ({ versionId, days }: AgePlan, record: KeyPairRecord, defaults: AgeDefaults): boolean =>
  versionId === record.versions.at(-1)?.id && Math.abs(days - ageOf(record, defaults)) < 1e-6;

/** Undefined where there is nothing to plan: no age, one that its own policy says, or a key pair that is not rotated by age at all. */
function agingOf(record: KeyPairRecord, defaults: AgeDefaults): Aging | undefined {
  const { identity, policy, successorOf, versions } = record;
  const [version, age, spread] = [versions.at(-1), ageOf(record, defaults), defaults.ageSpread ?? 0];
  if (version === undefined || age === 0 || spread === 0 || successorOf !== undefined) return undefined;
  return policy?.maxAgeDays === undefined ? { identity, version, age, spread } : undefined;
}

/** Rotations rest while a key pair is retired. */
const waiting = ({ state, rotations = [], outgoing, nameSlot, retirement }: KeyPairRecord): (number | undefined)[] =>
  state === 'active'
    ? [...rotations.map(({ nextTryAtMs }) => nextTryAtMs), outgoing?.work.nextTryAtMs, nameSlot?.work.nextTryAtMs]
    : [retirement?.work.nextTryAtMs];

/**
 * When its key is as old as its policy permits, or is planned to be rotated before that; undefined while it cannot be rotated, where its
 * policy sets no age, and where a moment has yet to be planned.
 */
export function oldAtMs(record: KeyPairRecord, defaults: AgeDefaults): number | undefined {
  const { state, successorOf, versions, rotations = [], agePlan: plan } = record;
  const age = ageOf(record, defaults);
  const standing = versions.at(-1);
  if (state !== 'active' || successorOf !== undefined || standing === undefined || age === 0) return undefined;
  if (rotations.some(isUnderWay) || !mayBegin(record, defaults)) return undefined;
  if (plan !== undefined && isGood(plan, record, defaults)) return plan.atMs;
  return agingOf(record, defaults) === undefined ? standing.activatedAtMs + Math.round(age * DAY_MS) : undefined;
}
