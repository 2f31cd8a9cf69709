// Does the simulation find a bug when there is one? Each of a list is put into a copy of the code, two at a time.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, endAll, withCopy } from './mutant.ts';
import { type Mutation, mutations } from './mutations.ts';
import { rotationMutations } from './rotation/mutations.ts';

/** Run until one of them finds the bug; what finds most comes first. */
const searches = ({ where = 'one fault', rotation, seed = 1 }: Pick<Mutation, 'where' | 'rotation' | 'seed'>) =>
  where === 'stores'
    ? [[...(rotation ? ['--rotation'] : []), '--stores', '--runs', rotation ? '2500' : '10000', '--seed', String(seed)]]
    : rotation
      ? [
          ...(where === 'one fault' ? [] : [['--rotation', '--exhaustive', '--story', where]]),
          ['--rotation', '--runs', '1000'],
          ['--rotation', '--runs', '1500', '--seed', '1001'],
        ]
      : where === 'own' || where === 'copied'
        ? [['--neighbour', where, '--runs', '3000']]
        : where === 'restored' || where === 'moved'
          ? [[`--${where}`, '--runs', '6000']]
          : [
              ['--runs', '300'],
              ['--windows', '--runs', '300'],
              ['--exhaustive', '--family', where],
              ['--runs', '5000'],
            ];

/** A part of the same for no bug at all: simulation.test.ts runs all of it on the code as it is. */
const samples = [
  ...searches({}).slice(0, 2),
  ['--exhaustive', '--family', 'one', '--stride', '7'],
  ['--rotation', '--runs', '500'],
];

const search = (mutation?: Mutation): Promise<Ended[]> =>
  withCopy(mutation, async (run) => {
    const ended: Ended[] = [];
    for (const args of mutation === undefined ? samples : searches(mutation)) {
      ended.push(await run(...args));
      if (ended.at(-1)!.code !== 0) break;
    }
    return ended;
  });

const runsOf = ({ output }: Ended): number => Number(/^runs (\d+), violations \d+$/m.exec(output)?.[1]);

/** Two at a time, in the order of the list. */
function twoAtATime<T, R>(all: readonly T[], act: (one: T) => Promise<R>): Promise<R>[] {
  const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
  return all.map((one) => {
    const free = lanes.shift()!;
    const done = free.then(() => act(one));
    lanes.push(done.catch(() => {}));
    return done;
  });
}

afterAll(endAll);

describe('the simulation', { timeout: 300_000 }, () => {
  const bugs = [...mutations, ...rotationMutations];
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
