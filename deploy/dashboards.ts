// Two dashboards of the same metrics, one panel for each row of the table: CloudWatch's, which is a resource of the stack, and Grafana's, which
// is a file to import. A panel shows how many there were and, of what takes time, the 90th percentile.
import { cloudWatchName } from '../lib/platforms/metrics/emf.ts';
import { type MetricName, metricNames, metricTable } from '../lib/platforms/metrics/metric-table.ts';
import { metricWords } from '../lib/platforms/metrics/metric-words.ts';
import { prometheusName } from '../lib/platforms/metrics/prometheus-name.ts';
import type { Parameters } from './parameters.ts';
import type { Resources } from './words.ts';

/** Seconds of one point. */
const PERIOD_S = 300;
const [COLUMNS, WIDTH, HEIGHT] = [2, 12, 6];
const placed = (i: number) => ({ x: (i % COLUMNS) * WIDTH, y: Math.floor(i / COLUMNS) * HEIGHT });

/** Those that functions print. */
const printed = metricNames.filter((metric) => metricWords[metric].where === 'everywhere');

/** What CloudWatch draws of a kind. */
const statistics = { time: ['p90', 'SampleCount'], count: ['Sum'], gauge: ['Maximum'] } as const;

function widget(namespace: string, metric: MetricName, i: number) {
  const { kind, labels } = metricTable[metric];
  const { panel } = metricWords[metric];
  const search = `{${[namespace, ...labels].join(',')}} MetricName="${cloudWatchName(metric)}"`;
  return {
    ...{ type: 'metric', ...placed(i), width: WIDTH, height: HEIGHT },
    properties: {
      ...{
        title: panel.title,
        view: 'timeSeries',
        stacked: kind === 'count',
        region: `\${AWS::Region}`, // filled in by the stack
        period: PERIOD_S,
      },
      metrics: statistics[kind].map((statistic, at) => [
        {
          ...{
            expression: `SEARCH('${search}', '${statistic}', ${PERIOD_S})`,
            id: `e${at}`,
            label: statistic === 'SampleCount' ? 'number ' : '',
          },
          ...(statistic === 'SampleCount' && { yAxis: 'right' }),
        },
      ]),
    },
  };
}

/** Where the functions measure anything. */
export const dashboard = ({ stage, deployment, metrics }: Parameters): Resources =>
  metrics
    ? {
        Dashboard: {
          Type: 'AWS::CloudWatch::Dashboard',
          Properties: {
            DashboardName: `keyvend-${stage}`,
            DashboardBody: {
              'Fn::Sub': JSON.stringify({
                widgets: printed.map((metric, i) => widget(`keyvend/${deployment}`, metric, i)),
              }),
            },
          },
        },
      }
    : {};

function queriesOf(metric: MetricName): readonly { readonly expr: string; readonly legend: string }[] {
  const { kind } = metricTable[metric];
  const { panel } = metricWords[metric];
  const name = prometheusName(metric);
  const by = (more: readonly string[] = []) => {
    const words = [...more, ...panel.by];
    return words.length === 0 ? '' : ` by (${words.join(', ')})`;
  };
  const legend = panel.by.map((label) => `{{${label}}}`).join(' ');
  if (kind === 'time')
    return [
      { expr: `histogram_quantile(0.9, sum${by(['le'])} (rate(${name}_bucket[5m])))`, legend: `p90 ${legend}` },
      { expr: `sum${by()} (rate(${name}_count[5m]))`, legend: `a second ${legend}` },
    ];
  if (kind === 'count') return [{ expr: `sum${by()} (increase(${name}[5m]))`, legend }];
  return [{ expr: `max${by()} (${name})`, legend }];
}

/** The second query of what takes time. */
const perSecond = {
  matcher: { id: 'byFrameRefID', options: 'B' },
  properties: [
    { id: 'unit', value: 'ops' },
    { id: 'custom.axisPlacement', value: 'right' },
  ],
};

function panel(metric: MetricName, i: number) {
  const { kind } = metricTable[metric];
  const { says, panel } = metricWords[metric];
  const isMoment = metric.endsWith('timestamp_seconds');
  const unit = kind === 'time' ? 's' : metric === 'quota_used' ? 'percentunit' : isMoment ? 'dateTimeFromNow' : 'short';
  return {
    ...{ id: i + 1, type: 'timeseries', title: panel.title, description: `${says}.` },
    gridPos: { ...placed(i), w: WIDTH, h: HEIGHT + 2 },
    datasource: { type: 'prometheus', uid: `\${datasource}` },
    fieldConfig: {
      defaults: { unit, min: 0 },
      overrides: kind === 'time' ? [perSecond] : [],
    },
    targets: queriesOf(metric).map(({ expr, legend }, at) => ({
      ...{ refId: String.fromCharCode(65 + at), expr: isMoment ? `1000 * ${expr}` : expr, legendFormat: legend },
    })),
  };
}

const grafana = {
  ...{ title: 'keyvend', uid: 'keyvend', schemaVersion: 39, editable: true, refresh: '1m', tags: ['keyvend'] },
  time: { from: 'now-6h', to: 'now' },
  templating: { list: [{ name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' }] },
  panels: metricNames.map(panel),
};

/** Path and text. */
export const grafanaFile = ['deploy/server/grafana.json', `${JSON.stringify(grafana, null, 2)}\n`] as const;
