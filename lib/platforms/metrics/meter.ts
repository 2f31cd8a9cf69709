// Where what happens is measured: nothing is, unless a platform says where it goes.
import type { Labels, MetricName } from './metric-table.ts';

export interface Sink {
  /** @param value milliseconds of a `time`, a number of a `count`, the amount of a `gauge` */
  record(metric: MetricName, labels: Readonly<Record<string, string>>, value: number): void;
  /** Sends what was recorded, where it is not fetched. */
  flush(): void;
}

let sink: Sink | undefined;

/** Before anything is measured. */
export const measureInto = (into: Sink): void => {
  sink = into;
};
export const isMeasured = (): boolean => sink !== undefined;
export const flushMetrics = (): void => sink?.flush();

export const measure = <N extends MetricName>(metric: N, labels: Labels<N>, value = 1): void =>
  sink?.record(metric, labels, value);
