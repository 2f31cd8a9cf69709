import { describe, expect, it } from 'vitest';
import { median, quantile, slope, table } from '../../../bench/support/figures.ts';

describe('a quantile', () => {
  it('is one of the values, by nearest rank, in whatever order they come', () => {
    const values = [15, 20, 35, 40, 50].reverse();
    expect([0, 0.05, 0.3, 0.4, 0.5, 1].map((share) => quantile(values, share))).toEqual([15, 15, 20, 20, 35, 50]);
    expect(values[0]).toBe(50);
  });

  it('leaves one value of a hundred above it at 0.99', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
    expect(quantile(hundred, 0.99)).toBe(99);
  });

  it('sorts numbers as numbers, and is NaN when there are none', () => {
    expect(median([9, 10, 100])).toBe(10);
    expect(median([])).toBeNaN();
  });
});

describe('a slope', () => {
  it('is that of the line on which the points lie, wherever the line begins', () => {
    expect(slope([1, 2, 3, 4].map((x) => [x, 100 + 2.5 * x]))).toBeCloseTo(2.5);
    expect(slope([1, 2, 3].map((x) => [x, 7]))).toBe(0);
  });

  it('is the least-squares fit when the points lie on no line', () => {
    expect(
      slope([
        [0, 0],
        [1, 3],
        [2, 0],
        [3, 3],
      ]),
    ).toBeCloseTo(0.6);
  });
});

it('a table aligns its columns of numbers to the right', () => {
  expect(table(['what', 'ms'], [['vend', 1.5]])).toBe('| what | ms |\n| --- | ---: |\n| vend | 1.5 |');
});
