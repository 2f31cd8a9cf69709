// The table of metrics, from the one that they are made by. Part of `npm run docs`.
import { cloudWatchName } from '../lib/platforms/metrics/emf.ts';
import { metricNames, metricTable } from '../lib/platforms/metrics/metric-table.ts';
import { metricWords } from '../lib/platforms/metrics/metric-words.ts';
import { prometheusName } from '../lib/platforms/metrics/prometheus-name.ts';

/** When somebody should be woken. */
const alertWhen: Partial<Record<(typeof metricNames)[number], string>> = {
  request: '5xx, or slower than it should be',
  failure: 'it grows: [errors.md](errors.md) says what each code asks for',
  warning: 'it grows: [on-call.md](on-call.md) has a section for each',
  recovery: '`failed` or `conflicts` stay',
  quota_used: 'above 0.9',
  job_succeeded_timestamp_seconds: '`settle` or `rotation-due` is older than ten minutes, `reconcile` than a day',
  queue_messages: '`buried` is not 0: `keyvend queue list --state buried`',
  ready: '0',
};

export const metricsTable = (): string =>
  [
    '| Prometheus | CloudWatch | labels | what it is | alert when |',
    '|---|---|---|---|---|',
    ...metricNames.map((metric) => {
      const { labels } = metricTable[metric];
      const { says, where } = metricWords[metric];
      const there = where === 'everywhere' ? `\`${cloudWatchName(metric)}\`` : '';
      const shown = labels.map((label) => `\`${label}\``).join(', ');
      return `| \`${prometheusName(metric)}\` | ${there} | ${shown} | ${says} | ${alertWhen[metric] ?? ''} |`;
    }),
  ].join('\n');
