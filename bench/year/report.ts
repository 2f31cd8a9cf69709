// The year in figures.
import { quantile, table } from '../support/figures.ts';
import type { Year } from './run.ts';

const HOUR_MS = 60 * 60_000;

const hours = (all: readonly number[]): string =>
  all.length === 0 ? 'none' : [0.5, 1].map((share) => `${(quantile(all, share) / HOUR_MS).toFixed(1)} h`).join(' and ');
const kb = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`;
const counted = (all: Readonly<Record<string, number>>): string =>
  Object.entries(all)
    .sort(([, a], [, b]) => b - a)
    .map(([what, count]) => `${what} ${count}`)
    .join(', ') || 'none';

export function report(year: Year): string {
  const { options, watched, rotations, left, events } = year;
  const { weeks, pairs, hosts, seed } = options;
  const promoted = rotations.flatMap(({ promotedAfterMs }) => promotedAfterMs ?? []);
  const notices = Object.fromEntries(
    [...new Set(year.notices)].map((type) => [type, year.notices.filter((one) => one === type).length]),
  );
  const rows: readonly (readonly [string, string | number])[] = [
    ['what happened', counted(events)],
    ['rotations begun, promoted', `${rotations.length}, ${promoted.length}`],
    ['begun after the key was 30 days old: median and most', hours(rotations.map(({ lateMs }) => lateMs))],
    ['promoted after that: median and most', hours(promoted)],
    ['logins that must succeed: by reading the file, with the real `ssh`', `${watched.read}, ${watched.ssh}`],
    ['of these, refused', watched.refused],
    ['looks at a file after edits, passes and days', watched.looks],
    ['most keys of one key pair in a file, but for those that a boot wrote back', watched.mostKeys],
    ['written back by a boot, and taken out after: median and most', hours(year.writtenBackMs)],
    ['listed with an older key, or back after weeks; knew the one that counts after', hours(year.behindMs)],
    [
      'looks at instances, daily; at such as were without their pair or its key',
      `${year.attached.looks}, ${year.attached.without}`,
    ],
    ['events', counted(notices)],
    ["workers' failures, by code", counted(year.failures)],
    ['passes of workers, their logins, calls to the clouds', `${year.passes}, ${watched.workerLogins}, ${year.calls}`],
    ['at the end: pairs in the cloud, keys stored', `${left.pairs}, ${left.stored}`],
    [
      'of these, on their way out: kept by instances, waiting for hosts, being removed; in their overlap',
      `${left.heldByInstances}, ${left.waitingForHosts}, ${left.underWay}; ${left.promoted}`,
    ],
    ['largest record, the ledger', `${kb(year.largestRecord)}, ${kb(year.ledgerBytes)}`],
    ['not as promised', year.broken.length],
    ['took', `${year.seconds} s`],
  ];
  const head = [`${weeks} weeks, ${pairs} key pairs, ${year.accounts} accounts on ${hosts} machines, seed ${seed}`, ''];
  return table(head, rows);
}
