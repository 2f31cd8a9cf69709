// What CloudWatch makes of lines in a log: which of them a metric filter counts, and when an alarm on that metric is up.
// Sources: "Filter pattern syntax for metric filters"; "Alarm evaluation": a sliding window, looked at every minute.
import { alarms } from '../../deploy/alarms.ts';
import type { Parameters } from '../../deploy/parameters.ts';
import type { Json } from './packaged.ts';

export interface Line {
  readonly atMs: number;
  readonly message: string;
  readonly [field: string]: unknown;
}

const MINUTE_MS = 60_000;
const parameters: Parameters = {
  stage: 'prod',
  deployment: 'prod',
  issuer: 'https://issuer.example.com/',
  audience: 'keyvend',
  alarmTopic: undefined,
  gatewayAuthorizer: false,
  corsOrigins: [],
  secretKeys: [],
  metrics: false,
  logRetentionDays: 90,
  concurrency: undefined,
  vpc: undefined,
};
export const all: Readonly<Record<string, { readonly Type: string; readonly Properties: Json }>> = JSON.parse(
  JSON.stringify(alarms(parameters)),
);
const logAlarms = Object.keys(all).filter(
  (name) => all[name]!.Type === 'AWS::CloudWatch::Alarm' && all[name]!.Properties.Namespace.startsWith('keyvend/'),
);

/** The parts of a condition that stand between `by`, outside of parentheses. */
function parts(condition: string, by: string): string[] {
  const found = [''];
  let depth = 0;
  for (const word of condition.split(/(\|\||&&|[()])/)) {
    depth += word === '(' ? 1 : word === ')' ? -1 : 0;
    if (word === by && depth === 0) found.push('');
    else found[found.length - 1] += word;
  }
  return found.map((part) => part.trim());
}

function holds(condition: string, line: Line): boolean {
  const either = parts(condition, '||');
  if (either.length > 1) return either.some((part) => holds(part, line));
  const both = parts(condition, '&&');
  if (both.length > 1) return both.every((part) => holds(part, line));
  if (/^\(.*\)$/.test(condition)) return holds(condition.slice(1, -1), line);
  const [, field = '', sign = '', value = ''] = /^\$\.([\w-]+) (=|!=|>) (.+)$/.exec(condition) ?? [];
  if (field === '') throw new TypeError(`no condition that is known here: ${condition}`);
  const wanted: unknown = JSON.parse(value);
  if (sign === '>') return Number(line[field]) > Number(wanted);
  return (line[field] === wanted) === (sign === '=');
}

/** The lines that a function's filters count for the alarm of that name; what they are worth is `value`. */
function counted(name: string, by: string, lines: readonly Line[]) {
  const { MetricName } = all[name]!.Properties;
  return Object.values(all)
    .filter(
      ({ Type, Properties }) => Type === 'AWS::Logs::MetricFilter' && Properties.LogGroupName.Ref === `${by}LogGroup`,
    )
    .filter(({ Properties }) => Properties.MetricTransformations[0].MetricName === MetricName)
    .flatMap(({ Properties: { FilterPattern, MetricTransformations } }) =>
      lines
        .filter((line) => holds(FilterPattern.replace(/^\{ | \}$/g, ''), line))
        .map((line) => {
          const { MetricValue } = MetricTransformations[0];
          return { atMs: line.atMs, value: Number(line[MetricValue.replace('$.', '')] ?? MetricValue) };
        }),
    );
}

/** Whether the alarm is up at that moment, if these are all the values that there are. */
export function isUp(name: string, values: readonly { atMs: number; value: number }[], atMs: number): boolean {
  const { Properties } = all[name]!;
  const { Period, EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods, Statistic, Threshold } = Properties;
  const { ComparisonOperator, TreatMissingData } = Properties;
  let breaching = 0;
  for (let i = 0; i < EvaluationPeriods; i += 1) {
    const [from, to] = [atMs - (i + 1) * Period * 1_000, atMs - i * Period * 1_000];
    const within = values.filter((one) => one.atMs > from && one.atMs <= to).map(({ value }) => value);
    const point = Statistic === 'Sum' ? within.reduce((sum, one) => sum + one, 0) : Math.max(...within);
    const breaches = ComparisonOperator === 'LessThanThreshold' ? point < Threshold : point >= Threshold;
    breaching += (within.length === 0 ? TreatMissingData === 'breaching' : breaches) ? 1 : 0;
  }
  return breaching >= DatapointsToAlarm;
}

/** Whether the alarm is up at each of these moments, where one without values leaves it as it was ("ignore"). */
export function isUpAt(
  name: string,
  values: readonly { atMs: number; value: number }[],
  moments: readonly number[],
): boolean[] {
  const { Period, EvaluationPeriods, TreatMissingData } = all[name]!.Properties;
  const windowMs = Period * EvaluationPeriods * 1_000;
  const found: boolean[] = [];
  let up = false;
  for (let atMs = 0; found.length < moments.length; atMs += MINUTE_MS) {
    const isMissing = !values.some((one) => one.atMs > atMs - windowMs && one.atMs <= atMs);
    if (!isMissing || TreatMissingData !== 'ignore') up = isUp(name, values, atMs);
    if (atMs >= moments[found.length]!) found.push(up);
  }
  return found;
}

/** When the alarm goes up and comes down while these lines are written, in minutes from the first moment. */
function changes(name: string, by: string, lines: readonly Line[], fromMs: number, toMs: number): number[] {
  const values = counted(name, by, lines);
  const found: number[] = [];
  for (let atMs = fromMs; atMs <= toMs; atMs += MINUTE_MS)
    if (isUp(name, values, atMs) !== (found.length % 2 === 1)) found.push((atMs - fromMs) / MINUTE_MS);
  return found;
}

/** The alarms on a function's log that go up, and the minutes at which they change. */
export const heard = (by: string, lines: readonly Line[], startMs: number, minutes: number) =>
  Object.fromEntries(
    logAlarms
      .map((name) => [name, changes(name, by, lines, startMs, startMs + minutes * MINUTE_MS)] as const)
      .filter(([, changed]) => changed.length > 0),
  );
