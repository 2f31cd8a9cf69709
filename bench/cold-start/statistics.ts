// The figures' arithmetic. Times on a shared machine drift and have long tails, so everything is a median, and two variants are
// compared within each round, where both met the same machine.
import { random } from '../../tests/doubles/random.ts';

export interface Interval {
  readonly value: number;
  /** The bounds of 95 %. */
  readonly low: number;
  readonly high: number;
}

/** @param share 0 to 1; between two values it is interpolated */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) throw new TypeError('there are no values');
  return below + (above - below) * (at % 1);
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The middle half's width as a share of the median. */
export const spread = (values: readonly number[]): number =>
  (quantile(values, 0.75) - quantile(values, 0.25)) / median(values);

/** The ratio of each round. @throws {TypeError} when the two were not measured in the same rounds */
export function paired(above: readonly number[], below: readonly number[]): number[] {
  if (above.length !== below.length) throw new TypeError('a ratio needs both values of a round');
  return above.map((value, round) => value / below[round]!);
}

const RESAMPLES = 1_000;

/** The median, and where 95 % of the medians of as many values drawn from these lie (percentile bootstrap). */
export function medianWithin(values: readonly number[], random: () => number): Interval {
  const draw = () => values[Math.floor(random() * values.length)]!;
  const medians = Array.from({ length: RESAMPLES }, () => median(values.map(draw)));
  return { value: median(values), low: quantile(medians, 0.025), high: quantile(medians, 0.975) };
}

/** Whether both bounds are this near, as a share of the value. */
export const isWithin = ({ value, low, high }: Interval, share: number): boolean =>
  value - low <= share * value && high - value <= share * value;

/** Fisher and Yates. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const all = [...items];
  for (let left = all.length - 1; left > 0; left -= 1) {
    const other = Math.floor(random() * (left + 1));
    [all[left], all[other]] = [all[other]!, all[left]!];
  }
  return all;
}

/** Numbers from 0 to 1, the same for the same seed, so that a run can be repeated. */
export const seeded = (seed: number): (() => number) => random(seed).next;
