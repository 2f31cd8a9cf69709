// The alarms on Alibaba Cloud, as a template of ROS: for each alarm of deploy/alarms.ts one of the same kind, and so of the same section in
// the runbook. Written to deploy/fc/alarms.json by docs/refresh.ts. Source: ALIYUN::CMS::ResourceMetricRule and ALIYUN::SLS::Alert (ROS);
// "Monitoring metrics" (Function Compute 3.0); "Simple Message Queue - Queue" (CloudMonitor, acs_mns_new).

import { onePerLine } from '../cloud-policies.ts';
import { type Logged, logged } from '../logged-alarms.ts';
import { description as onCall } from '../runbook.ts';
import { fcFunctions, functionName } from './functions.ts';
import { conditionOf, numberOf } from './sls-condition.ts';

type Json = string | number | boolean | { readonly [key: string]: Json } | readonly Json[];
type Resource = { readonly Type: string; readonly Properties: { readonly [key: string]: Json } };

const sub = (text: string): Json => ({ 'Fn::Sub': text });
const ref = (name: string): Json => ({ Ref: name });
const named = (name: string): string => functionName(`\${Stage}`, name);
const all = Object.keys(fcFunctions);
const overHttp = all.filter((name) => fcFunctions[name]!.methods !== undefined);

/** The runbook is of AWS's alarms, too; what only is here is on the page about deploying here. */
const description = (says: string, kind: string): string =>
  kind === 'Slow' ? `${says} What to do: docs/deploy-fc.md#slow` : onCall(says, kind);

interface Watched {
  readonly kind: string;
  readonly says: string;
  readonly metric: string;
  readonly statistics: 'Value' | 'Maximum';
  readonly namespace?: string;
  readonly from: number;
  readonly resources: readonly Json[];
  /** So many minutes in a row. Default 1. */
  readonly times?: number;
}

const metricRule = (name: string, { kind, says, metric, statistics, from, resources, ...rest }: Watched): Resource => ({
  Type: 'ALIYUN::CMS::ResourceMetricRule',
  Properties: {
    RuleId: sub(`keyvend-\${Stage}-${name}`),
    RuleName: sub(`keyvend-\${Stage} ${name}`),
    Namespace: rest.namespace ?? 'acs_fc',
    MetricName: metric,
    Resources: resources,
    Period: 60,
    Interval: 60,
    SilenceTime: 3_600,
    ContactGroups: [ref('ContactGroup')],
    EmailSubject: sub(`keyvend-\${Stage} ${description(says, kind)}`),
    Escalations: {
      Critical: {
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        ...{ Statistics: statistics, Threshold: String(from), Times: rest.times ?? 1 },
      },
    },
  },
});

const ofFunctions = (names: readonly string[]): Json[] =>
  names.map((name) => ({ region: ref('ALIYUN::Region'), functionName: sub(named(name)) }));
const ofQueue = (name: string): Json[] => [{ region: ref('ALIYUN::Region'), queue: sub(`keyvend-\${Stage}-${name}`) }];

const CRASHED = 'A call crashed or ran out of time.';
const THROTTLED = 'A call found no free concurrency.';
const onFunctions = (kind: string, says: string, metric: string, names = all): Watched => ({
  ...{ kind, says, metric, statistics: 'Value', from: 1, resources: ofFunctions(names) },
});

const metrics: Readonly<Record<string, Watched>> = {
  FunctionErrors: onFunctions('Errors', CRASHED, 'FunctionFunctionErrors'),
  ServerErrors: onFunctions('Errors', CRASHED, 'FunctionServerErrors'),
  ConcurrencyThrottles: onFunctions('Throttles', THROTTLED, 'FunctionConcurrencyThrottles'),
  ResourceThrottles: onFunctions('Throttles', THROTTLED, 'FunctionResourceThrottles'),
  Slow: {
    ...onFunctions('Slow', 'Requests take ten seconds and more on average.', 'FunctionLatencyAvg', overHttp),
    ...{ from: 10_000, times: 5 },
  },
  UnroutedEvents: {
    ...{ kind: 'UnroutedEvents', says: 'A request reached no inbox; what it was is in the queue of dead letters.' },
    ...{ metric: 'ActiveMessages', namespace: 'acs_mns_new', statistics: 'Maximum', from: 1 },
    resources: ofQueue('dead-letters'),
  },
};

interface Query {
  readonly kind: string;
  readonly says: string;
  /** One column, `bad`, in one row. */
  readonly select: string;
  readonly minutes: number;
  readonly condition: string;
}

const logAlert = (name: string, { kind, says, select, minutes, condition }: Query): Resource => ({
  Type: 'ALIYUN::SLS::Alert',
  Properties: {
    Project: ref('Project'),
    Detail: {
      Name: sub(`keyvend-\${Stage}-${name.toLowerCase()}`),
      DisplayName: sub(`keyvend-\${Stage} ${name}`),
      Description: description(says, kind),
      State: 'Enable',
      Schedule: { Type: 'FixedRate', Interval: '5m' },
      Configuration: {
        ...{ Version: '2.0', Type: 'default', Dashboard: 'internal-alert-analysis', Threshold: 1 },
        ...{ NoDataFire: false, SendResolved: true, AutoAnnotation: true, MuteUntil: 0, JoinConfigurations: [] },
        GroupConfiguration: { Type: 'no_group', Fields: [] },
        QueryList: [
          {
            ...{ StoreType: 'log', Project: ref('Project'), Store: 'functions', Region: ref('ALIYUN::Region') },
            ...{ Query: sub(`* | ${select}`), TimeSpanType: 'Relative', Start: `-${minutes}m`, End: 'now' },
          },
        ],
        SeverityConfigurations: [{ Severity: 8, EvalCondition: { Condition: condition, CountCondition: '' } }],
        Annotations: [
          { Key: 'title', Value: sub(`keyvend-\${Stage} ${name}`) },
          { Key: 'desc', Value: description(says, kind) },
        ],
        PolicyConfiguration: {
          ...{ AlertPolicyId: 'sls.builtin.dynamic', ActionPolicyId: ref('ActionPolicy'), RepeatInterval: '1h' },
        },
      },
    },
  },
});

/** Which functions of ours do what a function on AWS does. */
export function sameAs(onAws: string): readonly string[] {
  const provider = /^([a-z]+)Http$/.exec(onAws)?.[1];
  if (provider !== undefined) return [provider];
  const others: Readonly<Record<string, readonly string[]>> = {
    ...{ lifecycle: ['ens', 'ecs', 'cvm'], lifecycleFleet: ['ens', 'ecs', 'cvm'], catalog: ['catalog'] },
    ...{ rotationDue: ['due'], rotationWorker: ['rotationworker'], rotationSecretsManager: ['rotationworker'] },
    ...{ recoverySettle: ['settle'], recoveryCount: ['count'], recoveryReconcile: ['reconcile'] },
  };
  return /Queue$/.test(onAws) ? ['worker'] : (others[onAws] ?? []);
}

const inFunctions = (names: readonly string[]): string =>
  `functionName in (${names.map((name) => `'${named(name)}'`).join(', ')})`;

/**
 * How many of the last periods were bad: each counts its own lines, as a metric filter does, so that an alarm stays up for as long as its
 * reason does.
 */
function countedBy({ functions, pattern, value, from, minutes = 15, periods = { bad: 1, of: 1 } }: Counted): Query {
  const names = [...new Set(functions.flatMap(sameAs))];
  const figure = value === undefined ? 'count(1)' : `max(${numberOf(value)})`;
  const lines = `select floor(__time__ / ${minutes * 60}) as period, ${figure} as figure from log where ${inFunctions(names)} and (${conditionOf(pattern)}) group by period`;
  return {
    ...{ kind: '', says: '', minutes: minutes * periods.of, condition: `bad >= ${periods.bad}` },
    select: `select count(1) as bad from (${lines}) where figure >= ${from}`,
  };
}
type Counted = Pick<Logged, 'functions' | 'pattern' | 'value' | 'from' | 'minutes' | 'periods'>;

/** Messages wait in the inbox, and the count of it that a schedule logs tells of them (lib/platforms/inbox-lines.ts). */
const inbox: Readonly<Record<'DeadLetters' | 'QueueAge', Counted & { readonly says: string }>> = {
  DeadLetters: {
    ...{ functions: ['recoveryCount'], pattern: '{ $.message = "inbox" }', value: '$.buried', from: 1, minutes: 40 },
    says: 'A message was refused; keyvend queue says why.',
  },
  QueueAge: {
    ...{ functions: ['recoveryCount'], pattern: '{ $.message = "inbox" }', value: '$.oldestMinutes', from: 30 },
    ...{ minutes: 40, says: 'A message has waited for far too long.' },
  },
};

const SILENT = 'Its timer did not call it three times in a row: what it looks for is found by nobody.';
const silent = Object.entries(fcFunctions).flatMap(([name, { timer }]) => {
  if (timer === undefined) return [];
  const select = `select count(1) as calls from log where ${inFunctions([name])}`;
  const minutes = 3 * Math.max(5, timer.minutes);
  return [[`Silent${name}`, { kind: 'Silent', says: SILENT, select, minutes, condition: 'calls < 1' }] as const];
});

const queries: Readonly<Record<string, Query>> = Object.fromEntries([
  ...Object.entries(inbox).map(
    ([kind, { says, ...counted }]) => [kind, { ...countedBy(counted), kind, says }] as const,
  ),
  ...logged.map((one) => [one.name, { ...countedBy(one), kind: one.name, says: one.says }] as const),
  ...silent,
]);

/** The kind of each alarm, by its name: its section in the runbook, but for `Slow`, which is on docs/deploy-fc.md. */
export const kinds: ReadonlyMap<string, string> = new Map(
  [...Object.entries(metrics), ...Object.entries(queries)].map(([name, { kind }]) => [name, kind]),
);

const template = {
  ROSTemplateFormatVersion: '2015-09-01',
  Description: 'Alarms of keyvend on Function Compute. Written by npm run docs.',
  Parameters: {
    Stage: { Type: 'String', Default: 'prod' },
    Project: { Type: 'String', Description: 'The log project of the functions' },
    ContactGroup: { Type: 'String', Description: 'A group of contacts of CloudMonitor' },
    ActionPolicy: { Type: 'String', Description: 'An action policy of Simple Log Service' },
  },
  Resources: Object.fromEntries([
    ...Object.entries(metrics).map(([name, watched]) => [name, metricRule(name, watched)] as const),
    ...Object.entries(queries).map(([name, query]) => [name, logAlert(name, query)] as const),
  ]),
};

export const alarmTemplate = { path: 'deploy/fc/alarms.json', text: onePerLine(template) };
