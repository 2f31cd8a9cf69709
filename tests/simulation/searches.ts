// How a deliberate bug is looked for, and where it was found before: that is tried first, since most of what a search takes is getting there.
// `node tests/simulation/searches.ts` searches for all of them anew and notes where each was found, in found.json; with `--new` for those alone
// that are not in it.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import found from './found.json' with { type: 'json' };
import { type Ended, withCopy } from './mutant.ts';
import { type Mutation, mutations } from './mutations.ts';
import { rotationMutations } from './rotation/mutations.ts';

export const bugs = [...mutations, ...rotationMutations];

const runs = (count: number, seed = 1) => ['--runs', String(count), ...(seed === 1 ? [] : ['--seed', String(seed)])];
const flags = (words: string) => words.split(' ').map((one) => `--${one}`);

const inVending = (where: string) => [
  runs(300),
  ['--windows', ...runs(300)],
  ['--exhaustive', '--family', where],
  runs(5_000),
];
const inRotation = (where: string) => [
  ...(where === 'one fault' ? [] : [['--rotation', '--exhaustive', '--story', where]]),
  ['--rotation', ...runs(1_000)],
  ['--rotation', ...runs(1_500, 1_001)],
];

/** Run until one of them finds the bug; what finds most comes first. */
export function searches({
  where = 'one fault',
  rotation = false as boolean,
  seed = 1,
}: Partial<Pick<Mutation, 'where' | 'seed'>> & { readonly rotation?: boolean }): readonly (readonly string[])[] {
  if (where === 'stores')
    return [[...(rotation ? ['--rotation'] : []), '--stores', ...runs(rotation ? 2_500 : 10_000, seed)]];
  if (rotation) return inRotation(where);
  if (where.startsWith('import')) return [[...flags(where), ...runs(50_000, seed)]];
  if (where === 'own' || where === 'copied') return [['--neighbour', where, ...runs(3_000)]];
  if (where === 'restored' || where === 'moved' || where === 'adopted') return [[`--${where}`, ...runs(6_000)]];
  return inVending(where);
}

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
  const known: Readonly<Record<string, readonly string[]>> = process.argv.includes('--new') ? found : {};
  const wanted = bugs.filter(({ name }) => known[name] === undefined);
  const ended = await Promise.all(twoAtATime(wanted, (bug) => searchFor(bug, true)));
  const places = new Map(wanted.map(({ name }, i) => [name, againIn(ended[i]!.at(-1)!)]));
  const all = bugs.flatMap(({ name }) => {
    const args = known[name] ?? places.get(name);
    return args === undefined ? [] : [[name, args] as const];
  });
  writeFileSync(
    fileURLToPath(new URL('found.json', import.meta.url)),
    `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`,
  );
  process.stdout.write(`${all.length} of ${bugs.length} found\n`);
}
