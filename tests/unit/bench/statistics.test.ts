// The arithmetic behind the figures we publish: it has to hold on a machine that others use as well.
import { describe, expect, it } from 'vitest';
import {
  isWithin,
  median,
  medianWithin,
  paired,
  quantile,
  seeded,
  shuffled,
  spread,
} from '../../../bench/cold-start/statistics.ts';

/** Times with a long tail on one side, as processes on a shared machine have; their median is `middle`. */
const times = (count: number, middle: number, random: () => number) =>
  Array.from({ length: count }, () => middle * Math.exp(0.3 * (random() + random() - 1)));

describe('the arithmetic of a bench', () => {
  it('takes the middle of an odd number of values, and the mean of the two middle ones of an even number', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 3])).toBe(4);
    expect(quantile([10, 20], 0.25)).toBe(12.5);
    expect(() => median([])).toThrow(TypeError);
  });

  it('is not moved by one sample that took far too long', () => {
    expect(median([80, 81, 82, 83, 9_000])).toBe(82);
    expect(spread([80, 81, 82, 83, 9_000])).toBeCloseTo(2 / 82);
  });

  it('gives an interval that covers the true median about as often as it claims', () => {
    const random = seeded(1);
    const covered = Array.from({ length: 120 }, () => medianWithin(times(41, 80, random), random)).filter(
      ({ low, high }) => low <= 80 && 80 <= high,
    );
    expect(covered.length / 120).toBeGreaterThan(0.85);
    expect(covered.length / 120).toBeLessThan(1);
  });

  it('gives a narrower interval for more samples', () => {
    const width = (count: number) => {
      const { low, high } = medianWithin(times(count, 80, seeded(2)), seeded(3));
      return high - low;
    };
    expect(width(400)).toBeLessThan(width(21) / 2);
  });

  it('says when an interval is narrow enough on both sides', () => {
    expect(isWithin({ value: 100, low: 96, high: 104 }, 0.05)).toBe(true);
    expect(isWithin({ value: 100, low: 94, high: 101 }, 0.05)).toBe(false);
    expect(isWithin({ value: 100, low: 99, high: 106 }, 0.05)).toBe(false);
  });

  it('compares within a round, so that a machine that slows down changes nothing', () => {
    const slower = Array.from({ length: 31 }, (_, round) => 1 + round / 10);
    const ours = slower.map((factor) => 80 * factor);
    const theirs = slower.map((factor) => 400 * factor);
    const { value, low, high } = medianWithin(paired(theirs, ours), seeded(4));
    expect([value, low, high].map((ratio) => ratio.toFixed(9))).toEqual(Array(3).fill('5.000000000'));
    expect(spread(ours)).toBeGreaterThan(0.35); // while the times themselves are all over the place
  });

  it('refuses to pair samples when one variant has more rounds than the other', () => {
    expect(() => paired([1, 2, 3], [1, 2])).toThrow(TypeError);
  });

  it('shuffles fairly without losing anything, and in the same way for the same seed', () => {
    const all = ['a', 'b', 'c', 'd'];
    const random = seeded(5);
    const firsts = new Map<string, number>();
    for (let round = 0; round < 4_000; round += 1) {
      const order = shuffled(all, random);
      expect(order.toSorted()).toEqual(all);
      firsts.set(order[0]!, (firsts.get(order[0]!) ?? 0) + 1);
    }
    for (const count of firsts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(120);
    expect(shuffled(all, seeded(6))).toEqual(shuffled(all, seeded(6)));
  });
});
