// All that a person may want to know of a key pair: its versions, its policy, its rotations, what lingers and why, and when it is
// rotated by its age, or why it is not.
import { ownNameView } from '../lib/contract/own-name-view.ts';
import { adviceFor } from '../lib/contract/rotation-advice.ts';
import type { FailureCode } from '../lib/errors.ts';
import { idOf, pairNameOf } from '../lib/vending/attempt.ts';
import type { KeyPairRecord } from '../lib/vending/record.ts';
import { nextAgeRotation, type WhyNone } from '../lib/vending/rotation/next-age-rotation.ts';
import { hostName, type PolicyDefaults, policyOf } from '../lib/vending/rotation/policy.ts';
import { counted } from './counted.ts';
import { moment } from './moments.ts';
import { pairWords } from './pair-words.ts';
import { heldBy, outgoingLines } from './rotation-lines.ts';
import { heldReport, outgoingReport } from './rotation-report.ts';

const at = (ms: number): string => new Date(ms).toISOString();

export function keyPairReport(record: KeyPairRecord, defaults: PolicyDefaults) {
  const { identity, state, requestedBy, requestedAtMs, versions, rotations = [], retirement } = record;
  const { hosts, ...policy } = policyOf(record, defaults);
  const next = nextAgeRotation(record, defaults);
  const age: { nextAgeRotationAt?: string; noAgeRotation?: WhyNone } =
    'atMs' in next ? { nextAgeRotationAt: at(next.atMs) } : { noAgeRotation: next.none };
  return {
    ...identity,
    state,
    requestedBy,
    requestedAt: at(requestedAtMs),
    versions: versions.map((version, i) => ({
      id: version.id,
      ...idOf(version),
      keyPairName: pairNameOf(identity, version),
      fingerprint: version.fingerprint,
      current: i === versions.length - 1,
      activatedAt: at(version.activatedAtMs),
    })),
    policy: { ...policy, hosts: hosts.map(hostName) },
    ...age,
    rotations: rotations.map(({ id, state, requestedAtMs, stalledAtMs }) => ({
      id,
      state,
      requestedAt: at(requestedAtMs),
      ...(stalledAtMs !== undefined && { stalledAt: at(stalledAtMs) }),
    })),
    ...outgoingReport(record),
    ...ownNameView(record),
    ...(retirement && {
      retirement: {
        requestedBy: retirement.requestedBy,
        requestedAt: at(retirement.requestedAtMs),
        purgeAt: at(retirement.purgeAtMs),
        ...(retirement.held && { held: heldReport(retirement.held) }),
        ...(retirement.work.nextTryAtMs !== undefined && { nextTryAt: at(retirement.work.nextTryAtMs) }),
      },
    }),
  };
}
export type KeyPairReport = ReturnType<typeof keyPairReport>;

const whyNone: Readonly<Record<WhyNone, string>> = {
  off: 'never: its policy sets no maxAgeDays',
  'under-way': 'not set yet: a rotation is under way, and the age counts from its promotion',
  undone: 'not before hosts are rid of the lines that earlier rotations are to remove',
  lingering: 'not before some of the old pairs are gone: too many linger',
  retired: 'never: it is out of use',
  'not-in-use': 'not set: it has no key that counts',
  successor: 'never: a rotation of another key pair made it',
};

export function keyPairLines(report: KeyPairReport, nowMs: number): readonly string[] {
  const when = (text: string) => moment(Date.parse(text), nowMs);
  const { policy, rotations, versions, retirement, nextAgeRotationAt, noAgeRotation } = report;
  const { maxAgeDays, overlapDays, coverage, maxParallelHosts, hosts } = policy;
  return [
    `${report.provider} ${report.name}, region ${report.region}, account ${report.account}: ${report.state}`,
    `  requested ${when(report.requestedAt)} by ${report.requestedBy}`,
    ...(versions.length > 0 ? ['versions'] : []),
    ...versions.map(
      ({ fingerprint, current, activatedAt, ...pair }) =>
        `  ${pairWords(pair)}  ${fingerprint}  since ${when(activatedAt)}${current ? ', current' : ''}`,
    ),
    'policy',
    `  ${maxAgeDays === 0 ? 'no age' : `rotated every ${counted(maxAgeDays, 'day')}`}, overlap ${counted(overlapDays, 'day')}, coverage ${coverage}`,
    `  ${counted(hosts.length, 'host')}, ${maxParallelHosts} at once${hosts.length > 0 ? `: ${hosts.join(', ')}` : ''}`,
    `  next rotation by age: ${nextAgeRotationAt ? when(nextAgeRotationAt) : whyNone[noAgeRotation!]}`,
    ...(rotations.length > 0 ? ['rotations'] : []),
    ...rotations.map(
      ({ id, state, requestedAt, stalledAt }) =>
        `  ${id}  ${state}, requested ${when(requestedAt)}${stalledAt ? `, stalled since ${when(stalledAt)}` : ''}`,
    ),
    ...outgoingLines(report, nowMs),
    ...(report.ownName ? nameLines(report, report.ownName, when) : []),
    ...(retirement ? retirementLines(retirement, when) : []),
  ];
}

/** Where a rotation's own advice for the code does not do. */
const whyNotNamed: Partial<Record<string, string>> = {
  KEY_PAIR_IN_USE: 'instances have the old pair of that name: release them, or set rebind in the policy',
  NAME_TAKEN: "somebody else's pair has the name: have its owner remove it",
  KEY_PAIR_ABSENT: 'the pair that would get the name was deleted at the cloud: rotate, and the next one gets it',
  QUOTA_REACHED: 'the region holds as many key pairs as it may: remove some, or ask the cloud for more',
};

function nameLines(
  { name, versions }: Pick<KeyPairReport, 'name' | 'versions'>,
  { leadsTo, current, code, instances = [], count = 0, nextTryAt }: NonNullable<KeyPairReport['ownName']>,
  when: (at: string) => string,
): string[] {
  const version = versions.find(({ id }) => id === leadsTo);
  const where = version
    ? `leads to ${version.keyPairId ?? version.keyPairName}${current ? ', which is current' : ', an old key'}`
    : 'leads nowhere';
  return [
    'name',
    `  ${name} ${where}`,
    ...(code
      ? [
          `  ${whyNotNamed[code] ?? `${code}: ${adviceFor(code as FailureCode)}`}${count > 0 ? ` (${count}: ${instances.join(', ')})` : ''}`,
        ]
      : []),
    ...(nextTryAt ? [`  next try ${when(nextTryAt)}`] : []),
  ];
}

function retirementLines(
  { requestedBy, requestedAt, purgeAt, held, nextTryAt }: NonNullable<KeyPairReport['retirement']>,
  when: (at: string) => string,
): string[] {
  return [
    'retirement',
    `  requested ${when(requestedAt)} by ${requestedBy}; purged from ${when(purgeAt)} on`,
    ...(held
      ? [
          `  the cloud does not let the pair go: refused ${counted(held.tries, 'time')} since ${when(held.since)} (${held.code})`,
          `    ${heldBy(held)}${held.advice}`,
        ]
      : []),
    ...(nextTryAt ? [`  next try ${when(nextTryAt)}`] : []),
  ];
}
