// What is measured, in the text format of Prometheus, by the table that CloudWatch and the dashboards have as well.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Inbox } from '../../inbox/inbox.ts';
import { measure, measureInto } from '../metrics/meter.ts';
import { type MetricName, metricNames, metricTable } from '../metrics/metric-table.ts';
import { metricWords } from '../metrics/metric-words.ts';
import { prometheusName } from '../metrics/prometheus-name.ts';

export interface Metrics {
  readonly contentType: string;
  /** As it is at the moment. */
  text(): Promise<string>;
  /** A scheduled job, or a message's work. */
  ran(job: string, succeeded: boolean, ms: number, nowMs: number): void;
}

/** Seconds. A vend waits for a cloud that may be far away. */
const BUCKETS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

type Recorder = (labels: Readonly<Record<string, string>>, value: number) => void;
/** What is asked for when it is scraped. */
type Collected = Partial<Record<MetricName, (gauge: Gauge) => Promise<void>>>;

/** From now on everything is measured here. @param inbox whose queues are shown, as far as it can be asked @param isReady whether this process would be sent requests */
export function startMetrics(inbox: () => Promise<Inbox>, isReady: () => Promise<boolean>): Metrics {
  const registers = [new Registry()] as [Registry];
  collectDefaultMetrics({ register: registers[0] });
  const collected: Collected = {
    async queue_messages(gauge) {
      gauge.reset();
      // Without its tables there is no number of them, and all the others are needed the more.
      const counts = await inbox()
        .then((opened) => opened.counts())
        .catch(() => ({}));
      for (const [queue, { waiting, inHand, buried }] of Object.entries(counts)) {
        gauge.set({ queue, state: 'waiting' }, waiting);
        gauge.set({ queue, state: 'in-hand' }, inHand);
        gauge.set({ queue, state: 'buried' }, buried);
      }
    },
    async ready(gauge) {
      gauge.set((await isReady()) ? 1 : 0);
    },
  };
  const recorders = new Map(metricNames.map((metric) => [metric, recorder(metric, registers, collected)]));
  measureInto({ record: (metric, labels, value) => recorders.get(metric)!(labels, value), flush() {} });

  return {
    contentType: registers[0].contentType,
    text: () => registers[0].metrics(),
    ran(job, isGood, ms, nowMs) {
      measure('job', { job, outcome: isGood ? 'succeeded' : 'failed' }, ms);
      if (isGood) measure('job_succeeded_timestamp_seconds', { job }, nowMs / 1_000);
    },
  };
}

function recorder(metric: MetricName, registers: [Registry], collected: Collected): Recorder {
  const { kind, labels } = metricTable[metric];
  const { says: help } = metricWords[metric];
  const common = { name: prometheusName(metric), help, labelNames: [...labels] as string[], registers };
  if (kind === 'time') {
    const histogram = new Histogram({ ...common, buckets: BUCKETS });
    return (of, ms) => histogram.observe(of, ms / 1_000);
  }
  if (kind === 'count') {
    const counter = new Counter(common);
    return (of, number) => counter.inc(of, number);
  }
  const collect = collected[metric];
  const gauge: Gauge = new Gauge({ ...common, ...(collect && { collect: () => collect(gauge) }) });
  return (of, amount) => gauge.set(of, amount);
}
