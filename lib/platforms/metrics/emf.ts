// Metrics as lines of the log, in CloudWatch's embedded format: no call, no agent, and readable by whatever else keeps the log.
// Source: "Specification: Embedded metric format", CloudWatch User Guide. By hand, because one line holds all values of one set of labels,
// and because of what a library costs at a cold start: docs/decisions.

import type { Sink } from './meter.ts';
import { type MetricName, metricTable } from './metric-table.ts';

/** What the format permits of one metric in one line. */
const MOST_VALUES = 100;

interface Kept {
  readonly metric: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  readonly values: number[];
}

/** `quota_used` is `QuotaUsed` there, a time is in milliseconds. */
export const cloudWatchName = (metric: MetricName): string =>
  metric.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
const units = { time: 'Milliseconds', count: 'Count', gauge: 'None' } as const;

/** @param namespace such as `keyvend/prod` @param nowMs the wall clock */
export function emf(namespace: string, print: (line: string) => void, nowMs: () => number): Sink {
  const kept = new Map<string, Kept>();
  return {
    record(metric, labels, value) {
      const key = JSON.stringify([metric, labels]);
      const known = kept.get(key);
      if (known !== undefined && known.values.length < MOST_VALUES) known.values.push(value);
      else if (known === undefined) kept.set(key, { metric, labels, values: [value] });
    },
    flush() {
      for (const { metric, labels, values } of kept.values())
        print(lineOf(namespace, nowMs(), { metric, labels, values }));
      kept.clear();
    },
  };
}

function lineOf(namespace: string, atMs: number, { metric, labels, values }: Kept): string {
  const name = cloudWatchName(metric);
  // No dimension may be empty.
  const dimensions = Object.fromEntries(Object.entries(labels).map(([label, value]) => [label, value || 'none']));
  const described = {
    Namespace: namespace,
    Dimensions: [Object.keys(dimensions)],
    Metrics: [{ Name: name, Unit: units[metricTable[metric].kind] }],
  };
  const shown = values.map((value) => Math.round(value * 1_000) / 1_000);
  return JSON.stringify({
    _aws: { Timestamp: atMs, CloudWatchMetrics: [described] },
    ...dimensions,
    [name]: shown.length === 1 ? shown[0] : shown,
  });
}
