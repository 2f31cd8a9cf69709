// What a metric is called where Prometheus scrapes it.
import { type MetricName, metricTable } from './metric-table.ts';

const ends = { time: '_seconds', count: 's_total', gauge: '' } as const;

/** `keyvend_request_seconds`, `keyvend_vends_total`, `keyvend_quota_used`. */
export const prometheusName = (metric: MetricName): string => `keyvend_${metric}${ends[metricTable[metric].kind]}`;
