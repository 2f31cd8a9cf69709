// Does the simulation find a bug when there is one? Each of a list is put into a copy of the code, two at a time.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, endAll, withCopy } from './mutant.ts';
import type { Mutation } from './mutations.ts';
import { bugs, searches, searchFor, twoAtATime } from './searches.ts';

/** A part of the same for no bug at all: simulation.test.ts runs all of it on the code as it is. */
const samples = [
  ...searches({}).slice(0, 2),
  ['--exhaustive', '--family', 'one', '--stride', '7'],
  ['--rotation', '--runs', '500'],
];

const search = (mutation?: Mutation): Promise<Ended[]> =>
  mutation !== undefined
    ? searchFor(mutation)
    : withCopy(undefined, async (run) => {
        const ended: Ended[] = [];
        for (const args of samples) ended.push(await run(...args));
        return ended;
      });

const runsOf = ({ output }: Ended): number => Number(/^runs (\d+), violations \d+$/m.exec(output)?.[1]);

afterAll(endAll);

describe('the simulation', { timeout: 300_000 }, () => {
  const all = [undefined, ...bugs];
  let searched: Promise<Ended[]>[];
  beforeAll(() => {
    searched = twoAtATime(all, search);
  });

  it('finds nothing in a copy of the code as it is', async () => {
    const ended = await searched[0]!;
    expect(ended.map(({ code }) => code)).toEqual(samples.map(() => 0));
    for (const { output } of ended) expect(output).toMatch(/\nruns \d+, violations 0\n$/);
  });

  it.each(bugs.map(({ name }, i) => [name, i + 1] as const))('finds code that %s', async (name, i) => {
    const ended = await searched[i]!;
    const { code, output } = ended.at(-1)!;
    expect(code, output.slice(-500)).toBe(1);
    expect(output).toMatch(/^P\d: /m);
    const runs = ended.reduce((sum, one) => sum + runsOf(one), 0);
    process.stdout.write(`${runs} runs until it was found that the code ${name}\n`);
  });
});
