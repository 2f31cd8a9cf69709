// What somebody should be alerted to: lost or late messages, failing or throttled functions, and keys in an uncertain state.
import type { Parameters } from './parameters.ts';
import { deadLettersOf, queueOf, UNROUTED } from './queue-resources.ts';
import {
  allFunctions,
  att,
  loggingInFunctions,
  type QueueOwner,
  queueOwners,
  type Resource,
  type Resources,
  ref,
  title,
  type Value,
  vendingFunctions,
} from './words.ts';

interface Watched {
  readonly says: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions?: Readonly<Record<string, Value>>;
  readonly statistic: 'Sum' | 'Maximum';
  /** Alarms from this value on. */
  readonly from: number;
  readonly minutes?: number;
}

function alarm({ alarmTopic }: Parameters, watched: Watched): Resource {
  const { says, namespace, metric, dimensions = {}, statistic, from, minutes = 5 } = watched;
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription: says,
      Namespace: namespace,
      MetricName: metric,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      Statistic: statistic,
      Threshold: from,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Period: minutes * 60,
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching', // nothing happened
      ...(alarmTopic === undefined ? {} : { AlarmActions: [alarmTopic], OKActions: [alarmTopic] }),
    },
  };
}

export function alarms(parameters: Parameters): Resources {
  const of = (name: string, watched: Watched): Resources => ({ [`${name}Alarm`]: alarm(parameters, watched) });
  const ofQueue = (queue: string, metric: string, from: number, says: string) => {
    const dimensions = { QueueName: att(queue, 'QueueName') };
    return { says, namespace: 'AWS/SQS', metric, dimensions, statistic: 'Maximum', from } as const;
  };
  const ofFunction = (name: string, metric: string, says: string) => {
    const dimensions = { FunctionName: ref(`${title(name)}LambdaFunction`) };
    return { says, namespace: 'AWS/Lambda', metric, dimensions, statistic: 'Sum', from: 1 } as const;
  };
  const depth = 'ApproximateNumberOfMessagesVisible';
  return Object.assign(
    {},
    ...queueOwners.flatMap((owner) => [
      of(
        deadLettersOf(owner),
        ofQueue(deadLettersOf(owner), depth, 1, 'A message was refused; its attributes say why.'),
      ),
      of(
        `${queueOf(owner)}Age`,
        ofQueue(queueOf(owner), 'ApproximateAgeOfOldestMessage', oldS(owner), 'A message has waited for far too long.'),
      ),
    ]),
    of(UNROUTED, ofQueue(UNROUTED, depth, 1, 'An event asked for a key pair and reached no queue.')),
    ...allFunctions.flatMap((name) => [
      of(`${title(name)}Errors`, ofFunction(name, 'Errors', 'A call crashed or ran out of time.')),
      of(`${title(name)}Throttles`, ofFunction(name, 'Throttles', 'A call found no free concurrency.')),
    ]),
    ...logged.map(({ name, says, from, minutes = 15, ...counted }) => ({
      ...filters(parameters, name, counted),
      ...of(name, {
        says,
        namespace: namespaceOf(parameters),
        metric: name,
        statistic: counted.value === undefined ? 'Sum' : 'Maximum',
        from,
        minutes,
      }),
    })),
  );
}

/**
 * An attempt that nobody finished keeps its name busy for some minutes; half an hour is something else. The message of a
 * rotation worker that died is hidden for an hour and a half.
 */
const oldS = (owner: QueueOwner): number => (owner === 'rotation' ? 7_200 : 1_800);

interface Logged {
  readonly name: string;
  readonly functions: readonly string[];
  /** CloudWatch Logs: "Filter pattern syntax for metric filters". */
  readonly pattern: string;
  /** The part of a line that is the metric's value; without it, lines are counted. */
  readonly value?: string;
  readonly says: string;
  readonly from: number;
  /** Default 15. */
  readonly minutes?: number;
}

/** Counted in the logs: the functions answer these as they should, so no metric of Lambda's shows them. */
const logged: readonly Logged[] = [
  {
    name: 'OpenAttempts',
    functions: vendingFunctions,
    pattern: '{ $.message = "failed" && $.effect = "unknown" }',
    says: 'It is not known whether some attempts made a pair; recovery settles them within minutes.',
    from: 5, // one now and then is a lost answer
  },
  {
    name: 'DoubtfulKeys',
    functions: vendingFunctions,
    pattern: '{ $.code = "KEY_CONTRADICTED" || $.code = "KEY_UNPROVEN" || $.code = "KEY_UNREADABLE" }',
    says: 'A cloud handed out a key that its own evidence contradicts or does not prove, or that cannot be read.',
    from: 1,
  },
  {
    name: 'StuckRotations',
    functions: loggingInFunctions,
    pattern: '{ $.message = "failed" && $.code != "IN_PROGRESS" && $.code != "LEASE_LOST" }',
    says: 'Rotations keep failing; the key pairs themselves say why and what to do.',
    from: 20,
    minutes: 60,
  },
  {
    name: 'UnsettledAttempts',
    functions: ['recoverySettle'],
    pattern: '{ $.message = "recovered" && ($.failed > 0 || $.conflicts > 0) }',
    says: 'Recovery could not settle an attempt, or found a pair of that name which is not provably ours.',
    from: 3,
  },
  {
    name: 'QuotaUsedPercent',
    functions: ['recoveryCount'],
    pattern: '{ $.message = "usage" }',
    value: '$.percent',
    says: 'A region is close to its quota of key pairs; creates will fail when it is reached.',
    from: 90,
    minutes: 30,
  },
  {
    name: 'Discrepancies',
    functions: ['recoveryReconcile'],
    pattern:
      '{ $.message = "reconciled" && ($.upstream-only > 0 || $.secret-only > 0 || $.ledger-only > 0 || $.fingerprint-mismatch > 0) }',
    says: 'Ledger, cloud and secret store do not agree about a key pair; the function logged where.',
    from: 1,
    minutes: 60,
  },
];

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
