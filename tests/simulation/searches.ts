// How a deliberate bug is looked for, and where it was found before: that is tried first, since most of what a search takes is getting there.
// `node tests/simulation/searches.ts` searches for all of them anew and notes where each was found, in found.json.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import found from './found.json' with { type: 'json' };
import { type Ended, withCopy } from './mutant.ts';
import { type Mutation, mutations } from './mutations.ts';
import { rotationMutations } from './rotation/mutations.ts';

export const bugs = [...mutations, ...rotationMutations];

/** Run until one of them finds the bug; what finds most comes first. */
export const searches = ({ where = 'one fault', rotation, seed = 1 }: Pick<Mutation, 'where' | 'rotation' | 'seed'>) =>
  where.startsWith('import')
    ? [
        [
          '--import',
          ...where
            .split(' ')
            .slice(1)
            .map((one) => `--${one}`),
          '--runs',
          '12000',
        ],
      ]
    : where === 'stores'
      ? [
          [
            ...(rotation ? ['--rotation'] : []),
            '--stores',
            '--runs',
            rotation ? '2500' : '10000',
            '--seed',
            String(seed),
          ],
        ]
      : rotation
        ? [
            ...(where === 'one fault' ? [] : [['--rotation', '--exhaustive', '--story', where]]),
            ['--rotation', '--runs', '1000'],
            ['--rotation', '--runs', '1500', '--seed', '1001'],
          ]
        : where === 'own' || where === 'copied'
          ? [['--neighbour', where, '--runs', '3000']]
          : where === 'restored' || where === 'moved' || where === 'adopted'
            ? [[`--${where}`, '--runs', '6000']]
            : [
                ['--runs', '300'],
                ['--windows', '--runs', '300'],
                ['--exhaustive', '--family', where],
                ['--runs', '5000'],
              ];

/** @param anew without a look at where it was found before @returns the one that found it last, where one did */
export const searchFor = (mutation: Mutation, anew = false): Promise<Ended[]> =>
  withCopy(mutation, async (run) => {
    const before = (found as Readonly<Record<string, readonly string[]>>)[mutation.name];
    const ended: Ended[] = [];
    for (const args of [...(before === undefined || anew ? [] : [before]), ...searches(mutation)]) {
      ended.push(await run(...args));
      if (ended.at(-1)!.code !== 0) break;
    }
    return ended;
  });

/** Two at a time, in the order of the list. */
export function twoAtATime<T, R>(all: readonly T[], act: (one: T) => Promise<R>): Promise<R>[] {
  const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
  return all.map((one) => {
    const free = lanes.shift()!;
    const done = free.then(() => act(one));
    lanes.push(done.catch(() => {}));
    return done;
  });
}

/** What the simulation says to see a run again. */
const againIn = ({ output }: Ended): readonly string[] | undefined =>
  /^again: npm run simulate -- (.*)$/m
    .exec(output)?.[1]
    ?.match(/'[^']*'|"[^"]*"|\S+/g)
    ?.map((word) => word.replace(/^(['"])(.*)\1$/, '$2'));

if (import.meta.main) {
  const ended = await Promise.all(twoAtATime(bugs, (bug) => searchFor(bug, true)));
  const all = bugs.flatMap(({ name }, i) => {
    const args = againIn(ended[i]!.at(-1)!);
    return args === undefined ? [] : [[name, args] as const];
  });
  writeFileSync(
    fileURLToPath(new URL('found.json', import.meta.url)),
    `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`,
  );
  process.stdout.write(`${all.length} of ${bugs.length} found\n`);
}
