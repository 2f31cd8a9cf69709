// Metrics, their table and both dashboards, held against each other: what is drawn is measured, and what is measured is drawn.
import { parser } from '@prometheus-io/lezer-promql';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { dashboard, grafanaFile } from '../../../deploy/dashboards.ts';
import type { Parameters } from '../../../deploy/parameters.ts';
import { VendingError } from '../../../lib/errors.ts';
import { cloudWatchName, emf } from '../../../lib/platforms/metrics/emf.ts';
import {
  failureMeasured,
  figuresMeasured,
  infoMeasured,
  warningMeasured,
} from '../../../lib/platforms/metrics/from-lines.ts';
import { measure, measureInto } from '../../../lib/platforms/metrics/meter.ts';
import { type MetricName, metricNames, metricTable } from '../../../lib/platforms/metrics/metric-table.ts';
import { metricWords } from '../../../lib/platforms/metrics/metric-words.ts';
import { prometheusName } from '../../../lib/platforms/metrics/prometheus-name.ts';
import { observed, type Step } from '../../../lib/platforms/metrics/steps.ts';

const { subscribe, unsubscribe } = process.getBuiltinModule('node:diagnostics_channel');

let recorded: [MetricName, Readonly<Record<string, string>>, number][] = [];
beforeEach(() => {
  recorded = [];
  measureInto({ record: (...one) => void recorded.push(one), flush() {} });
});

describe('the dashboards', () => {
  const parameters = { stage: 'prod', deployment: 'ours', metrics: true } as Parameters;
  const body = (): { widgets: { properties: { title: string; metrics: [{ expression: string }][] } }[] } => {
    const { Dashboard } = dashboard(parameters) as unknown as {
      Dashboard: { Properties: { DashboardBody: { 'Fn::Sub': string } } };
    };
    return JSON.parse(Dashboard.Properties.DashboardBody['Fn::Sub']);
  };

  it('of CloudWatch draws each metric that functions print, by all its labels, and nothing else', () => {
    const drawn = body().widgets.map(({ properties }) => [
      ...new Set(
        properties.metrics.map(
          ([{ expression }]) => /^SEARCH\('(\{[^}]+\} MetricName="\w+")', '\w+', 300\)$/.exec(expression)?.[1],
        ),
      ),
    ]);
    const printed = metricNames.filter((metric) => metricWords[metric].where === 'everywhere');
    expect(drawn).toEqual(
      printed.map((metric) => [
        `{${['keyvend/ours', ...metricTable[metric].labels].join(',')}} MetricName="${cloudWatchName(metric)}"`,
      ]),
    );
    expect(dashboard({ ...parameters, metrics: false })).toEqual({});
  });

  it('of Grafana draws every metric, in queries that Prometheus’ own grammar reads, by labels that the metric has', () => {
    const { panels } = JSON.parse(grafanaFile[1]) as { panels: { title: string; targets: { expr: string }[] }[] };
    expect(panels.map(({ title }) => title)).toEqual(metricNames.map((metric) => metricWords[metric].panel.title));
    for (const [i, { targets }] of panels.entries())
      for (const { expr } of targets) {
        const errors: string[] = [];
        const names: string[] = [];
        const labels: string[] = [];
        parser.parse(expr).iterate({
          enter({ name, from, to, type }) {
            if (type.isError) errors.push(expr.slice(from, to) || 'something is missing');
            if (name === 'Identifier') names.push(expr.slice(from, to));
            if (name === 'LabelName') labels.push(expr.slice(from, to));
          },
        });
        expect(errors, expr).toEqual([]);
        const metric = metricNames[i]!;
        expect(
          names.map((name) => name.replace(/_(?:bucket|count)$/, '')),
          expr,
        ).toEqual([prometheusName(metric)]);
        expect(
          labels.filter(
            (label) => label !== 'le' && !(metricTable[metric].labels as readonly string[]).includes(label),
          ),
        ).toEqual([]);
      }
    expect(parser.parse('sum by (').toString()).toContain('⚠'); // the grammar refuses what is none
  });
});

describe('what is measured', () => {
  it('comes from the lines of the log that have it, and from no others', () => {
    infoMeasured('vended', { provider: 'ecs', name: 'web', created: true });
    infoMeasured('vended', { provider: 'ens', created: false });
    infoMeasured('usage', { provider: 'ecs', account: 'default', region: 'cn-a', used: 460, limit: 500, percent: 92 });
    figuresMeasured('recovered', { settled: 2, waiting: 1, conflicts: 0, announced: 4, failed: 3, more: false });
    infoMeasured('toString', {});
    infoMeasured('rotation asked', { name: 'web' });
    warningMeasured('rotation stalled');
    failureMeasured('STORE_REFUSED', 'unknown');
    expect(recorded).toEqual([
      ['vend', { provider: 'ecs', outcome: 'made' }, 1],
      ['vend', { provider: 'ens', outcome: 'again' }, 1],
      ['quota_used', { provider: 'ecs', account: 'default', region: 'cn-a' }, 0.92],
      ...(['settled', 'waiting', 'conflicts', 'failed'] as const).map((outcome) => [
        'recovery',
        { outcome },
        { settled: 2, waiting: 1, conflicts: 0, failed: 3 }[outcome],
      ]),
      ['warning', { message: 'rotation stalled' }, 1],
      ['failure', { code: 'STORE_REFUSED', effect: 'unknown' }, 1],
    ]);
  });

  it('has the labels of its row', () => {
    measure('step', { part: 'ledger', step: 'read', outcome: 'ok' }, 5);
    infoMeasured('vended', { provider: 'ecs', created: true });
    warningMeasured('conflict');
    for (const [metric, labels] of recorded) expect(Object.keys(labels)).toEqual([...metricTable[metric].labels]);
  });
});

describe('a line in CloudWatch’s embedded format', () => {
  it('has what the specification asks for, and all values of one set of labels', () => {
    const lines: string[] = [];
    const sink = emf(
      'keyvend/prod',
      (line) => lines.push(line),
      () => 1_700_000_000_000,
    );
    for (const ms of [12.3456, 8]) sink.record('request', { operation: 'readMe', status: '200', code: '' }, ms);
    sink.record('request', { operation: 'readMe', status: '401', code: 'TOKEN_MISSING' }, 1);
    for (let i = 0; i < 300; i += 1) sink.record('step', { part: 'ledger', step: 'read', outcome: 'ok' }, i);
    sink.flush();
    sink.flush();
    const [first, second, third] = lines.map((line) => JSON.parse(line));
    expect(first).toEqual({
      _aws: {
        Timestamp: 1_700_000_000_000,
        CloudWatchMetrics: [
          {
            Namespace: 'keyvend/prod',
            Dimensions: [['operation', 'status', 'code']],
            Metrics: [{ Name: 'Request', Unit: 'Milliseconds' }],
          },
        ],
      },
      ...{ operation: 'readMe', status: '200', code: 'none', Request: [12.346, 8] },
    });
    expect(second).toMatchObject({ code: 'TOKEN_MISSING', Request: 1 });
    expect(third.Step).toHaveLength(100); // "a maximum of 100 values"
    expect(lines).toHaveLength(3);
  });
});

describe('the steps', () => {
  const store = {
    put: async (_identity: object, secret: string) => secret,
    reveal: async () => Promise.reject(new VendingError('STORE_REFUSED', 'No')),
    close() {},
  };
  const identity = { provider: 'ecs', account: 'default', region: 'cn-a', name: 'web' };

  it('are measured by what they were for and how they ended', async () => {
    const moments = [0, 7, 10, 30];
    const seen = observed('store', store, { nowMs: () => moments.shift()! });
    expect(await seen.put(identity, 'a key')).toBe('a key');
    await expect(seen.reveal()).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    expect(recorded).toEqual([
      ['step', { part: 'store', step: 'put', outcome: 'ok' }, 7],
      ['step', { part: 'store', step: 'reveal', outcome: 'failed' }, 20],
    ]);
  });

  it('are told to whoever subscribes, before and after, and never what was sent or answered', async () => {
    const told: unknown[] = [];
    const hear = (step: unknown) => void told.push({ ...(step as Step) });
    for (const end of ['start', 'asyncEnd']) subscribe(`tracing:keyvend:step:${end}`, hear);
    try {
      await observed('store', store).put(identity, 'PRIVATE KEY');
    } finally {
      for (const end of ['start', 'asyncEnd']) unsubscribe(`tracing:keyvend:step:${end}`, hear);
    }
    const step = { part: 'store', step: 'put', keyPair: identity };
    expect(told).toEqual([step, { ...step, outcome: 'ok' }]);
    expect(JSON.stringify(told)).not.toContain('PRIVATE KEY');
  });

  it('cost nothing where nobody asks: the part is as it is', async () => {
    vi.resetModules();
    const fresh = await import('../../../lib/platforms/metrics/steps.ts');
    expect(fresh.observed('store', store)).toBe(store);
  });
});
