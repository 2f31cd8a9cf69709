// The alarms on Function Compute: for each alarm on AWS one of its kind, and the queries on logs find what the filters on AWS find. They are
// run here as they stand, on lines in SQLite.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { alarmTemplate, kinds, sameAs } from '../../deploy/fc/alarms.ts';
import { fcFunctions } from '../../deploy/fc/functions.ts';
import { conditionOf } from '../../deploy/fc/sls-condition.ts';
import { logged } from '../../deploy/logged-alarms.ts';
import { sectionOf } from '../../deploy/runbook.ts';
import { logInbox } from '../../lib/platforms/inbox-lines.ts';
import { all } from './alarm-model.ts';
import { root } from './fc/deployment.ts';

// biome-ignore lint/suspicious/noExplicitAny: a template, as it was parsed
const resources: Readonly<Record<string, any>> = JSON.parse(alarmTemplate.text).Resources;
const MINUTE_S = 60;

interface Line {
  readonly minute: number;
  readonly by: string;
  readonly line: object | string;
}

/** Whether an alarm is up at a minute, by the lines of its window. */
function isUp(name: string, lines: readonly Line[], minute: number): boolean {
  const { QueryList, SeverityConfigurations } = resources[name].Properties.Detail.Configuration;
  const [{ Query, Start }] = QueryList;
  const sql = Query['Fn::Sub'].replace(/^\* \| /, '').replaceAll(`\${Stage}`, 'prod');
  const window = Number(/^-(\d+)m$/.exec(Start)![1]);
  const db = new DatabaseSync(':memory:');
  db.exec('create table log (__time__ integer, functionName text, message text)');
  db.function('json_extract_scalar', (text, path) => {
    try {
      const value = JSON.parse(String(text))[String(path).slice(2)];
      return value === undefined ? null : String(value);
    } catch {
      return null;
    }
  });
  const add = db.prepare('insert into log values (?, ?, ?)');
  for (const { minute: at, by, line } of lines)
    if (at > minute - window && at <= minute)
      add.run(at * MINUTE_S, `keyvend-prod-${by}`, typeof line === 'string' ? line : JSON.stringify(line));
  const row = db.prepare(sql).get() as Record<string, number>;
  db.close();
  const [, field = '', sign, value] = /^(\w+) (>=|<) (\d+)$/.exec(SeverityConfigurations[0].EvalCondition.Condition)!;
  return sign === '<' ? row[field]! < Number(value) : row[field]! >= Number(value);
}
const every = (minutes: number, upTo: number, by: string, line: object): Line[] =>
  Array.from({ length: Math.floor(upTo / minutes) + 1 }, (_, i) => ({ minute: i * minutes, by, line }));
const times = (count: number, by: string, line: object): Line[] =>
  Array.from({ length: count }, (_, i) => ({ minute: 60 + i, by, line }));

describe('the alarms on Function Compute', () => {
  it('are in the file as the table comes to', () => {
    expect(readFileSync(join(root, alarmTemplate.path), 'utf8')).toBe(alarmTemplate.text);
  });

  it('are of the same kinds as those on AWS, and one more for slow answers', () => {
    const sections = Object.values(all)
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .map(({ Properties }) => Properties.AlarmDescription.split(' ').at(-1) as string);
    const ours = [...kinds.values()].filter((kind) => kind !== 'Slow').map(sectionOf);
    expect([...new Set(ours)].sort()).toEqual([...new Set(sections)].sort());
    expect([...kinds.keys()].sort()).toEqual(Object.keys(resources).sort());
  });

  it('say in each what has happened and where to read on', () => {
    for (const [name, { Properties }] of Object.entries(resources)) {
      const says = Properties.Detail?.Description ?? Properties.EmailSubject['Fn::Sub'];
      const page = /docs\/[\w-]+\.md/.exec(says)?.[0] ?? '';
      expect(readFileSync(join(root, page), 'utf8')).toContain(`### ${kinds.get(name)}\n`);
      expect(says).toMatch(
        new RegExp(`[.;] What to do: docs/(on-call|deploy-fc)\\.md#${kinds.get(name)!.toLowerCase()}$`),
      );
    }
  });

  it('watch every function for errors and throttles, and every timer for silence', () => {
    const names = Object.keys(fcFunctions).sort();
    for (const rule of ['FunctionErrors', 'ServerErrors', 'ConcurrencyThrottles', 'ResourceThrottles']) {
      const watched = resources[rule].Properties.Resources.map(
        (one: { functionName: { 'Fn::Sub': string } }) => one.functionName['Fn::Sub'],
      );
      expect(watched.sort()).toEqual(names.map((name) => `keyvend-\${Stage}-${name}`));
    }
    const timed = names.filter((name) => fcFunctions[name]!.timer !== undefined);
    expect(
      Object.keys(resources)
        .filter((name) => name.startsWith('Silent'))
        .sort(),
    ).toEqual(timed.map((name) => `Silent${name}`).sort());
  });

  it('count the lines of each function that does what one does whose lines are counted on AWS', () => {
    for (const { name, functions } of logged) {
      const query = resources[name].Properties.Detail.Configuration.QueryList[0].Query['Fn::Sub'];
      for (const onAws of functions) {
        expect(sameAs(onAws).length).toBeGreaterThan(0);
        for (const ours of sameAs(onAws)) expect(query).toContain(`'keyvend-\${Stage}-${ours}'`);
      }
    }
  });
});

describe('an alarm on lines', () => {
  const lost = { message: 'failed', effect: 'unknown' };
  it.each<[string, string, Line[], boolean]>([
    ['OpenAttempts', 'four lost answers', times(4, 'ens', lost), false],
    ['OpenAttempts', 'five lost answers', times(5, 'ens', lost), true],
    ['OpenAttempts', 'five refusals without effect', times(5, 'ens', { message: 'failed', effect: 'none' }), false],
    ['OpenAttempts', 'lost answers of a function that vends nothing', times(9, 'catalog', lost), false],
    ['DoubtfulKeys', 'a key without proof', times(1, 'worker', { message: 'failed', code: 'KEY_UNPROVEN' }), true],
    ['DoubtfulKeys', 'a name that is taken', times(1, 'worker', { message: 'failed', code: 'NAME_TAKEN' }), false],
    ['LateMessages', 'a message that is late', times(1, 'worker', { message: 'message late' }), true],
    ['StalledRotations', 'a purge that stalled', times(1, 'rotationworker', { message: 'purge stalled' }), true],
    ['UnsettledAttempts', 'one pass that failed', times(1, 'settle', { message: 'recovered', failed: 1 }), false],
    [
      'UnsettledAttempts',
      'half an hour of passes that failed',
      every(5, 64, 'settle', { message: 'recovered', failed: 1 }),
      true,
    ],
    [
      'UnsettledAttempts',
      'half an hour of passes that went well',
      every(5, 64, 'settle', { message: 'recovered', failed: 0 }),
      false,
    ],
    ['LateRotations', 'a backlog, once', times(1, 'due', { message: 'rotation late' }), false],
    ['LateRotations', 'a rotation that nobody takes', every(5, 64, 'due', { message: 'rotation late' }), true],
    ['Conflicts', 'a conflict', every(15, 64, 'settle', { message: 'conflict' }), true],
    ['QuotaUsedPercent', '92 per cent', every(15, 64, 'count', { message: 'usage', percent: 92 }), true],
    ['QuotaUsedPercent', '89 per cent', every(15, 64, 'count', { message: 'usage', percent: 89 }), false],
    ['Discrepancies', 'a finding', times(1, 'reconcile', { message: 'finding' }), true],
    ['LingeringPairs', 'a pair that lingers', times(1, 'rotationworker', { message: 'pair lingers' }), true],
    ['DeadLetters', 'a dead letter', times(1, 'count', { message: 'inbox', queue: 'a', buried: 1 }), true],
    ['DeadLetters', 'an inbox without one', times(3, 'count', { message: 'inbox', queue: 'a', buried: 0 }), false],
    [
      'QueueAge',
      'a message that waits for half an hour',
      times(1, 'count', { message: 'inbox', oldestMinutes: 30 }),
      true,
    ],
    [
      'QueueAge',
      'a message that waits for ten minutes',
      times(1, 'count', { message: 'inbox', oldestMinutes: 10 }),
      false,
    ],
  ])('%s heeds %s, or not', (name, _, lines, up) => {
    const noise: Line[] = [{ minute: 61, by: 'settle', line: 'FC Invoke Start RequestId: 1' }];
    expect(isUp(name, [...noise, ...lines], 64)).toBe(up);
  });

  it('goes down once what it heeds is over', () => {
    const lines = every(5, 60, 'settle', { message: 'recovered', failed: 1 });
    expect([60, 75, 120].map((minute) => isUp('UnsettledAttempts', lines, minute))).toEqual([true, false, false]);
  });

  it('is up for a timer that calls no more, and not before', () => {
    for (const [name, minutes] of [
      ['settle', 1],
      ['reconcile', 15],
    ] as const) {
      const lines = every(minutes, 90, name, { message: 'x' });
      expect(isUp(`Silent${name}`, lines, 95)).toBe(false);
      expect(isUp(`Silent${name}`, lines, 90 + 3 * Math.max(5, minutes))).toBe(true);
    }
  });

  it('has no pattern that its query could not ask for', () => {
    for (const pattern of [
      '{ $.a != "b" }',
      '{ ($.a = "b") }',
      '{ $.a = 5 }',
      '{ $.a > "b" }',
      '{ $.a = "b\'" }',
      '$.a',
    ])
      expect(() => conditionOf(pattern)).toThrow(TypeError);
  });
});

describe('the lines about the inbox', () => {
  it('are the ones that the alarms read', async () => {
    const printed: Line[] = [];
    const counts = {
      'keyvend-ecs': { waiting: 2, inHand: 1, buried: 3, oldestDueAtMs: 10 * 60_000 },
      'keyvend-ens': { waiting: 0, inHand: 0, buried: 0 },
    };
    const info = (message: string, fields: object) =>
      void printed.push({ minute: 64, by: 'count', line: { message, ...fields } });
    await logInbox({ counts: async () => counts }, { info }, 45 * 60_000);
    expect(printed.map(({ line }) => line)).toEqual([
      { message: 'inbox', queue: 'keyvend-ecs', waiting: 2, inHand: 1, buried: 3, oldestMinutes: 35 },
      { message: 'inbox', queue: 'keyvend-ens', waiting: 0, inHand: 0, buried: 0, oldestMinutes: 0 },
    ]);
    expect(['DeadLetters', 'QueueAge'].map((name) => isUp(name, printed, 64))).toEqual([true, true]);
    expect(['DeadLetters', 'QueueAge'].map((name) => isUp(name, printed.slice(1), 64))).toEqual([false, false]);
  });
});
