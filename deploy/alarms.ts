// What somebody should be alerted to: lost or late messages, failing, throttled or silent functions, and keys in an uncertain
// state. A window is longer than the pause between two of what it counts, so that an alarm stays for as long as its reason does:
// tests/deploy/alarms.test.ts holds each against the schedule that feeds it.
import { type Logged, logged, type Periods } from './logged-alarms.ts';
import type { Parameters } from './parameters.ts';
import { deadLettersOf, queueOf, UNROUTED } from './queue-resources.ts';
import { description } from './runbook.ts';
import {
  allFunctions,
  att,
  type QueueOwner,
  queueOwners,
  type Resource,
  type Resources,
  ref,
  title,
  type Value,
} from './words.ts';

interface Watched {
  /** Its section in the runbook; alarms of one kind share it. Each alarm's name ends with it. */
  readonly kind: string;
  readonly says: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions?: Readonly<Record<string, Value>>;
  readonly statistic: 'Sum' | 'Maximum';
  /** Alarms from this value on. */
  readonly from: number;
  /** The length of one period. Default 5. */
  readonly minutes?: number;
  /** How many of the last periods must be so. Default the last one. */
  readonly periods?: Periods;
  /** What a period without any value means. Default that nothing happened. */
  readonly missing?: 'as before';
}

const last: Periods = { bad: 1, of: 1 };

function alarm({ alarmTopic }: Parameters, watched: Watched): Resource {
  const { kind, says, namespace, metric, dimensions = {}, statistic, from } = watched;
  const { minutes = 5, periods = last, missing } = watched;
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription: description(says, kind),
      Namespace: namespace,
      MetricName: metric,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      Statistic: statistic,
      Threshold: from,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Period: minutes * 60,
      EvaluationPeriods: periods.of,
      DatapointsToAlarm: periods.bad,
      TreatMissingData: missing === 'as before' ? 'ignore' : 'notBreaching',
      ...(alarmTopic === undefined ? {} : { AlarmActions: [alarmTopic], OKActions: [alarmTopic] }),
    },
  };
}

export function alarms(parameters: Parameters): Resources {
  const of = (name: string, watched: Watched): Resources => ({ [`${name}Alarm`]: alarm(parameters, watched) });
  const ofQueue = (kind: string, queue: string, metric: string, from: number, says: string) => {
    const dimensions = { QueueName: att(queue, 'QueueName') };
    return { kind, says, namespace: 'AWS/SQS', metric, dimensions, statistic: 'Maximum', from } as const;
  };
  const ofFunction = (kind: string, name: string, metric: string, says: string) => {
    const dimensions = { FunctionName: ref(`${title(name)}LambdaFunction`) };
    return { kind, says, namespace: 'AWS/Lambda', metric, dimensions, statistic: 'Sum', from: 1 } as const;
  };
  /** SQS sends no metrics of a queue that nobody has touched for six hours, however much lies in it. */
  const depthOf = (kind: string, queue: string, says: string): Watched => ({
    ...ofQueue(kind, queue, 'ApproximateNumberOfMessagesVisible', 1, says),
    missing: 'as before',
  });
  return Object.assign(
    {},
    ...queueOwners.flatMap((owner) => [
      of(
        deadLettersOf(owner),
        depthOf('DeadLetters', deadLettersOf(owner), 'A message was refused; its attributes say why.'),
      ),
      of(
        `${queueOf(owner)}Age`,
        ofQueue(
          'QueueAge',
          queueOf(owner),
          'ApproximateAgeOfOldestMessage',
          oldS(owner),
          'A message has waited for far too long.',
        ),
      ),
    ]),
    of(UNROUTED, depthOf(UNROUTED, UNROUTED, 'An event asked for a key pair and reached no queue.')),
    ...allFunctions.flatMap((name) => [
      of(`${title(name)}Errors`, ofFunction('Errors', name, 'Errors', 'A call crashed or ran out of time.')),
      of(`${title(name)}Throttles`, ofFunction('Throttles', name, 'Throttles', 'A call found no free concurrency.')),
    ]),
    ...Object.entries(everyMinutes).map(([name, minutes]) => ({
      [`${title(name)}SilentAlarm`]: silent(
        alarm(parameters, { ...ofFunction('Silent', name, 'Invocations', SILENT), minutes }),
      ),
    })),
    ...logged.map(({ name, says, from, minutes = 15, periods, ...counted }) => ({
      ...filters(parameters, name, counted),
      ...of(name, {
        kind: name,
        says,
        namespace: namespaceOf(parameters),
        metric: name,
        statistic: counted.value === undefined ? 'Sum' : 'Maximum',
        from,
        minutes,
        ...(periods && { periods }),
      }),
    })),
  );
}

/** How often a schedule calls a function (serverless.yml); five minutes for those that it calls every minute. */
const everyMinutes = { rotationDue: 5, recoverySettle: 5, recoveryCount: 15, recoveryReconcile: 15 };
const SILENT = 'Its schedule did not call it three times in a row: what it looks for is found by nobody.';

/** The same alarm, for too little instead of too much. */
const silent = ({ Type, Properties }: Resource): Resource => ({
  Type,
  Properties: {
    ...Properties,
    ComparisonOperator: 'LessThanThreshold',
    EvaluationPeriods: 3,
    DatapointsToAlarm: 3,
    TreatMissingData: 'breaching',
  },
});

/**
 * An attempt that nobody finished keeps its name busy for some minutes; half an hour is something else. The message of a
 * rotation worker that died is hidden for an hour and a half. SQS leaves messages out that were received three times: of those,
 * a line in the log tells (LateMessages).
 */
const oldS = (owner: QueueOwner): number => (owner === 'rotation' ? 7_200 : 1_800);

const namespaceOf = ({ stage }: Parameters): string => `keyvend/${stage}`;

const filters = (
  parameters: Parameters,
  metric: string,
  { functions, pattern, value }: Pick<Logged, 'functions' | 'pattern' | 'value'>,
): Resources =>
  Object.fromEntries(
    functions.map((name) => [
      `${title(name)}${metric}`,
      {
        Type: 'AWS::Logs::MetricFilter',
        Properties: {
          LogGroupName: ref(`${title(name)}LogGroup`),
          FilterPattern: pattern,
          MetricTransformations: [
            {
              MetricNamespace: namespaceOf(parameters),
              MetricName: metric,
              MetricValue: value ?? '1',
              ...(value === undefined ? { DefaultValue: 0 } : {}),
            },
          ],
        },
      },
    ]),
  );
