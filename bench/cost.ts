// What keyvend costs on AWS a month: unit prices times counts. Nothing is measured. The prices are those that docs/deploy.md and
// docs/performance.md state; the counts come from the tables of docs/performance.md, and from what is deployed.
//
//   node bench/cost.ts [--age 90]
import { parseArgs } from 'node:util';
import { alarms } from '../deploy/alarms.ts';
import { logged } from '../deploy/logged-alarms.ts';
import { table } from './support/figures.ts';

const { values } = parseArgs({ options: { age: { type: 'string', default: '90' } } });
const ageDays = Number(values.age);
if (!(ageDays >= 1)) {
  process.stderr.write('--age takes a number of days, at least 1\n');
  process.exit(2);
}

const MONTH_DAYS = 30;
const MINUTES = MONTH_DAYS * 24 * 60;

/** US dollars, eu-central-1, rounded; without any free tier, and the upper end where the pages give a range. */
const dollars = {
  secretMonth: 0.4,
  secretCall: 0.02 / 4_000,
  keyMonth: 1,
  keyRequest: 0.03 / 10_000,
  alarmMonth: 0.1,
  metricMonth: 0.3,
  writeUnit: 1.5 / 1_000_000,
  readUnit: 1.5 / 1_000_000 / 8,
  gigabyteSecond: 0.03 / 2_000,
  queueRequest: 0.4 / 1_000_000,
};

/** Of one rotation of a key pair with ten hosts: the column of docs/performance.md, "Many hosts". */
const rotation = {
  writeUnits: 321,
  readUnits: 321,
  /** Four passes of a worker: a vend of two seconds, 60 logins of 0.2 s five at once, and as long again. */
  gigabyteSeconds: 4 * (2 + (60 / 4 / 5) * 0.2 * 2),
  /** The key is stored and its labels moved twice; each host is logged in on with stored keys. */
  secretCalls: 10,
};

/** Of a month, however few key pairs there are. */
const schedules = {
  /** Two functions a minute and one every 15, half a second each at half a gigabyte. */
  gigabyteSeconds: (2 * MINUTES + MINUTES / 15) * 0.5 * 0.5,
  /** Four shards of each of three indexes a minute, half a unit each. */
  readUnits: MINUTES * 3 * 4 * 0.5,
  queueRequests: 3_000_000,
};

/** Of a month, for each key pair: reconciling reads its record once a day, and a hundred secrets a call. */
const comparing = { readUnits: MONTH_DAYS * 1, secretCalls: MONTH_DAYS / 100 };

const watched = Object.values(
  alarms({
    ...{
      stage: 'prod',
      deployment: 'prod',
      issuer: '',
      audience: '',
      alarmTopic: undefined,
      gatewayAuthorizer: false,
      corsOrigins: [],
      secretKeys: [],
      metrics: false,
    },
    ...{ logRetentionDays: 90, concurrency: undefined, vpc: undefined },
  }),
).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm').length;

function monthOf(pairs: number): Readonly<Record<string, number>> {
  const rotations = (pairs * MONTH_DAYS) / ageDays;
  const secretCalls = rotations * rotation.secretCalls + pairs * comparing.secretCalls;
  const reads = rotations * rotation.readUnits + pairs * comparing.readUnits + schedules.readUnits;
  return {
    'rotations a month': rotations,
    'Secrets Manager: keeping keys': pairs * dollars.secretMonth,
    'Secrets Manager: calls': secretCalls * dollars.secretCall,
    'KMS: the key, and its use': dollars.keyMonth + secretCalls * dollars.keyRequest,
    'DynamoDB: units': rotations * rotation.writeUnits * dollars.writeUnit + reads * dollars.readUnit,
    'Lambda: schedules': schedules.gigabyteSeconds * dollars.gigabyteSecond,
    'Lambda: rotations': rotations * rotation.gigabyteSeconds * dollars.gigabyteSecond,
    [`${watched} alarms, ${logged.length} metrics`]: watched * dollars.alarmMonth + logged.length * dollars.metricMonth,
    'SQS: polling of idle queues': schedules.queueRequests * dollars.queueRequest,
  };
}

const sizes = [100, 1_000, 10_000];
const months = sizes.map(monthOf);
const amount = (value: number): string => (value < 0.005 ? 'under 0.01' : value.toFixed(2));
const count = (value: number): string => Math.round(value).toLocaleString('en');
const [rotations = '', ...costs] = Object.keys(months[0]!);
const total = (month: Readonly<Record<string, number>>) => costs.reduce((sum, name) => sum + month[name]!, 0);
const per = (price: number, units: number): string => `$${Number((price * units).toPrecision(2))}`;
process.stdout.write(
  `${table(
    [`US dollars a month, rotated every ${ageDays} days`, ...sizes.map((size) => `${count(size)} key pairs`)],
    [
      [rotations, ...months.map((month) => count(month[rotations]!))],
      ...costs.map((name) => [name, ...months.map((month) => amount(month[name]!))]),
      ['together', ...months.map((month) => amount(total(month)))],
    ],
  )}

Unit prices: a secret ${per(dollars.secretMonth, 1)} and a KMS key ${per(dollars.keyMonth, 1)} a month, an alarm ${per(dollars.alarmMonth, 1)}, a metric ${per(dollars.metricMonth, 1)}; ten thousand calls of
Secrets Manager ${per(dollars.secretCall, 10_000)}, of KMS ${per(dollars.keyRequest, 10_000)}; a million write units ${per(dollars.writeUnit, 1_000_000)}, read units ${per(dollars.readUnit, 1_000_000)}, requests of SQS ${per(dollars.queueRequest, 1_000_000)}; a million GB-seconds ${per(dollars.gigabyteSecond, 1_000_000)}.
A rotation has ten hosts: ${rotation.writeUnits} write units, ${rotation.gigabyteSeconds.toFixed(0)} GB-seconds. Left out: the table's indexes, requests over HTTP, logs, traffic, a
NAT gateway.
`,
);
