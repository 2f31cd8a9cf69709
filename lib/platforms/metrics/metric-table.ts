// Every metric, once: what Prometheus scrapes, what CloudWatch is sent, and what both dashboards show (metric-words.ts). Names and labels
// are part of our API. A label is a word of a closed set, or an operator's own; never a key pair's name, a caller's, or anything of a key.

interface MetricRow {
  /** `time`: how long things take, and how many there were. `count`: how many. `gauge`: how much there is. */
  readonly kind: 'time' | 'count' | 'gauge';
  readonly labels: readonly string[];
}

export const metricTable = {
  request: { kind: 'time', labels: ['operation', 'status', 'code'] },
  vend: { kind: 'count', labels: ['provider', 'outcome'] },
  failure: { kind: 'count', labels: ['code', 'effect'] },
  warning: { kind: 'count', labels: ['message'] },
  recovery: { kind: 'gauge', labels: ['outcome'] },
  step: { kind: 'time', labels: ['part', 'step', 'outcome'] },
  quota_used: { kind: 'gauge', labels: ['provider', 'account', 'region'] },
  job: { kind: 'time', labels: ['job', 'outcome'] },
  job_succeeded_timestamp_seconds: { kind: 'gauge', labels: ['job'] },
  ready: { kind: 'gauge', labels: [] },
  queue_messages: { kind: 'gauge', labels: ['queue', 'state'] },
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof metricTable;
export type Labels<N extends MetricName> = Readonly<Record<(typeof metricTable)[N]['labels'][number], string>>;
/** In the order of the dashboards. */
export const metricNames = Object.keys(metricTable) as readonly MetricName[];
