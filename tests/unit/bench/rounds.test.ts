// Which variant is measured when: the pairing of samples rests on this.
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { rounds } from '../../../bench/cold-start/rounds.ts';
import { seeded } from '../../../bench/cold-start/statistics.ts';

/** Variants whose samples are the number of the round they were taken in, counted from the first warm-up. */
function counting(names: readonly string[]) {
  const order: string[] = [];
  let running = 0;
  const variants = new Map(
    names.map((name) => [
      name,
      async () => {
        running += 1;
        expect(running).toBe(1);
        await turn();
        running -= 1;
        order.push(name);
        return order.filter((other) => other === name).length;
      },
    ]),
  );
  return { order, variants };
}
const plan = { warmUps: 2, least: 3, most: 6, settled: () => false, random: seeded(1) };

describe('the schedule of a bench', () => {
  it('takes one sample of every variant in each round, one at a time, and discards the warm-ups', async () => {
    const { order, variants } = counting(['a', 'b', 'c']);
    const samples = await rounds({ ...plan, variants, most: 4 });
    expect([...samples]).toEqual(['a', 'b', 'c'].map((name) => [name, [3, 4, 5, 6]]));
    for (let at = 0; at < order.length; at += 3) expect(order.slice(at, at + 3).toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('changes the order from round to round', async () => {
    const { order, variants } = counting(['a', 'b', 'c']);
    await rounds({ ...plan, variants });
    const orders = new Set(Array.from({ length: 8 }, (_, round) => order.slice(3 * round, 3 * round + 3).join('')));
    expect(orders.size).toBeGreaterThan(2);
  });

  it('ends once the figures have settled, though not before the minimum number of rounds', async () => {
    const { variants } = counting(['a']);
    const until = (enough: number) =>
      rounds({ ...plan, variants, settled: (samples) => (samples.get('a')?.length ?? 0) >= enough });
    expect((await until(1)).get('a')).toHaveLength(3);
    expect((await until(5)).get('a')).toHaveLength(5);
    expect((await until(99)).get('a')).toHaveLength(6);
  });

  it('ends with the first sample that fails', async () => {
    const variants = new Map([['a', () => Promise.reject(new Error('status 500'))]]);
    await expect(rounds({ ...plan, variants })).rejects.toThrow('status 500');
  });
});
