// A rotation's report as lines for a terminal.
import { counted } from './counted.ts';
import { moment } from './moments.ts';
import { pairWords } from './pair-words.ts';
import type { HostReport, OutgoingReport, RotationReport } from './rotation-report.ts';

export function rotationLines(report: RotationReport, nowMs: number): readonly string[] {
  const when = (at: string) => moment(Date.parse(at), nowMs);
  const { lastError, lastTryAt, stalledAt, next, hosts, failures } = report;
  return [
    `rotation ${report.id}: ${report.state}`,
    `  requested ${when(report.requestedAt)} by ${report.requestedBy}`,
    ...(lastError
      ? [`  failed ${counted(failures, 'time')}, by ${lastError.code} ${when(lastError.at)}`, `    ${lastError.advice}`]
      : []),
    ...(stalledAt ? [`  stalled since ${when(stalledAt)}: it does not get on by itself`] : []),
    ...(lastTryAt ? [`  last try ${when(lastTryAt)}`] : []),
    `  next: ${next.what}${next.at ? `, ${when(next.at)}` : ''}`,
    ...(hosts.length > 0 ? ['hosts', ...hosts.flatMap((host) => hostLines(host, when))] : []),
    ...outgoingLines(report, nowMs),
  ];
}

function hostLines({ host, outcome, code, advice, ...more }: HostReport, when: (at: string) => string): string[] {
  const words = [code ?? '', more.oldKeyRemoved && 'old key removed', more.waived && 'waived'].filter(Boolean);
  const tried = more.triedAt ? `tried ${when(more.triedAt)}` : 'not tried yet';
  return [`  ${host}  ${[outcome, ...words, tried].join(', ')}`, ...(advice && !more.waived ? [`    ${advice}`] : [])];
}

/** What is on its way out, and what comes back. */
export function outgoingLines({ outgoing, returned }: Pick<RotationReport, 'outgoing' | 'returned'>, nowMs: number) {
  const when = (at: string) => moment(Date.parse(at), nowMs);
  return [
    ...(outgoing.length > 0
      ? ['old pairs that are still there', ...outgoing.flatMap((one) => pairLines(one, when))]
      : []),
    ...(returned.length > 0
      ? [
          'hosts on which an old line was there again after it had been removed: something writes it back',
          ...returned.map(({ host, lines }) => `  ${host}  ${counted(lines, 'time')}`),
        ]
      : []),
  ];
}

function pairLines(pair: OutgoingReport, when: (at: string) => string): string[] {
  const { since, code, advice, tries = 0, nextTryAt } = pair;
  const next = nextTryAt ? `, next try ${when(nextTryAt)}` : '';
  if (code === undefined) return [`  ${pairWords(pair)}  since ${when(since)}${next}`];
  return [
    `  ${pairWords(pair)}  lingers since ${when(since)}, refused ${counted(tries, 'time')} (${code})${next}`,
    `    ${heldBy(pair)}${advice}`,
  ];
}

export function heldBy({
  instances = [],
  count = instances.length,
}: Pick<OutgoingReport, 'instances' | 'count'>): string {
  if (instances.length === 0) return '';
  const more = count > instances.length ? ` and ${count - instances.length} more` : '';
  return `${instances.join(', ')}${more}. `;
}
