// `npm run simulate -- --runs 100000 --seed S`: random runs, until one breaks a promise; it says how to see that again.
// `--windows` enters on purpose what cannot be closed, and counts. `--exhaustive` tries every fault at every step and
// one in 29 of all pairs of faults; with `--all` all of them, with `--stride N` one in N, with `--family 'one'` the
// families whose names begin like that. `--only CASE` runs one of those. `--rotation` rotates instead of vending; then `--story NAME`
// tries, in one story alone, every fault of what changes the cloud. `--neighbour own`
// has a second keyvend in the account, `--neighbour copied` one that works with a copy of our ledger; in `--restored` ours is put
// back to an earlier moment, in `--adopted` a stranger's pair is adopted with its key, in `--moved` the alias gets the access key of another account for a while.
// `--stores` has them over stores that are not like AWS's, with `--import` keys are made here and imported; each with or without `--rotation`.
// `--json FILE` keeps the figures. With `--rotation`, `--at-once N` shares the runs out among N processes.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { adoptedRun } from './adopted.ts';
import { atOnce, shareOf } from './at-once.ts';
import { caseOf, runCase } from './cases.ts';
import { families, runAll } from './exhaustive.ts';
import { movedRun } from './moved.ts';
import { kinds, neighbourRun } from './neighbours.ts';
import { randomRun } from './random-run.ts';
import { reachedLine } from './reached.ts';
import { restoredRun } from './restored.ts';
import { rotationCase, rotationCases, runRotation, storyCases } from './rotation/cases.ts';
import { randomRotation } from './rotation/random-run.ts';
import type { Run } from './run.ts';
import { Tally } from './tally.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    windows: { type: 'boolean', default: false },
    rotation: { type: 'boolean', default: false },
    restored: { type: 'boolean', default: false },
    moved: { type: 'boolean', default: false },
    adopted: { type: 'boolean', default: false },
    stores: { type: 'boolean', default: false },
    import: { type: 'boolean', default: false },
    neighbour: { type: 'string' },
    exhaustive: { type: 'boolean', default: false },
    family: { type: 'string', default: '' },
    all: { type: 'boolean', default: false },
    stride: { type: 'string', default: '1' },
    story: { type: 'string' },
    only: { type: 'string' },
    trace: { type: 'boolean', default: false },
    json: { type: 'string' },
    'at-once': { type: 'string' },
    part: { type: 'string', default: '0/1' },
  },
});
const { only, exhaustive, adopted, moved, restored, rotation, stores } = values;
const neighbour = kinds.find((kind) => kind === values.neighbour);
/** Without tags, the window between two keyvends stays open. */
const windows = values.windows || neighbour !== undefined;
const alone = exhaustive || only !== undefined;
const [runs, seed, stride] = [Number(values.runs ?? (alone ? 0 : 10_000)), Number(values.seed), Number(values.stride)];
if (![runs, seed, stride].every(Number.isSafeInteger) || runs < 0 || stride < 1)
  throw new TypeError('--runs, --seed and --stride take whole numbers');
if (values.neighbour !== neighbour) throw new TypeError(`--neighbour is one of ${kinds.join(', ')}`);

const { part, of } = shareOf(values.part);

const print = (text: string) => void process.stdout.write(`${text}\n`);
const tally = new Tally();
const startedAt = performance.now();
const see = (run: Run): boolean => {
  const good = tally.add(run, windows);
  if (!good || values.trace) print([run.title, ...run.trace, ...run.violations].join('\n'));
  if (!good && run.violations.length === 0) print('a window was entered that runs are kept out of');
  if (!good) print(`again: npm run simulate -- ${run.again}`);
  return good;
};

const next = (seed: number): Promise<Run> => {
  if (neighbour !== undefined) return neighbourRun(seed, neighbour);
  if (adopted) return adoptedRun(seed);
  if (moved) return movedRun(seed);
  if (restored) return restoredRun(seed);
  const kind = { windows, elsewhere: stores, importing: values.import };
  return rotation ? randomRotation(seed, kind) : randomRun(seed, kind);
};

if (rotation && values['at-once'] !== undefined) {
  const args = process.argv
    .slice(2)
    .filter((word, i, all) => !word.startsWith('--at-once') && all[i - 1] !== '--at-once');
  const { counted, ...sum } = await atOnce(Number(values['at-once']), args, print);
  for (const { all, run } of Object.values(counted)) print(faultsOf(run, all));
  print(
    `${sum.portCalls} port calls, ${sum.rotated} rotations carried through to the end, ${secondsSince(startedAt)} s`,
  );
  if (stores) print(reachedLine(sum.reached));
  print(`runs ${sum.runs}, violations ${sum.violations}`);
  process.exit(sum.violations === 0 ? 0 : 1);
}

const counted: Record<string, { readonly all: number; readonly run: number }> = {};
if (only !== undefined) {
  see(await (only.startsWith('rotation ') ? runRotation(rotationCase(only)) : runCase(caseOf(only))));
}
if (exhaustive && rotation) {
  const [cases, every] =
    values.story === undefined ? [rotationCases(), 11 * stride] : [storyCases(values.story), stride];
  const { all, run } = await runAll(cases, values.all ? 1 : every, see, runRotation, { part, of });
  print(faultsOf(run, all));
  counted.rotation = { all, run };
} else if (exhaustive) {
  for (const [name, { cases, every }] of Object.entries(families)) {
    if (!name.startsWith(values.family)) continue;
    if (tally.broken !== undefined) break;
    const { all, run } = await runAll(cases(), values.all ? 1 : every * stride, see, runCase);
    print(`${name}: ${run} of ${all}`);
    counted[name] = { all, run };
  }
}
for (let i = part; i < runs && tally.broken === undefined; i += of) {
  see(await next(seed + i));
}

const { broken: _, add: __, ...figures } = tally;
const seconds = secondsSince(startedAt);
const came = rotation
  ? `${figures.rotated} rotations carried through to the end`
  : `${figures.acknowledged} requests acknowledged`;
print(`${figures.portCalls} port calls, ${came}, ${seconds} s`);
if (windows) {
  print(`another's pair of the same name was taken for ours: ${figures.windows['same name']}`);
  print(`another's pair had replaced ours when we deleted by name: ${figures.windows.replaced}`);
}
if (!rotation) print(`keys that were lost, and their pairs removed: ${figures.lost}`);
if (stores) print(reachedLine(figures.reached));
if (values.json !== undefined)
  writeFileSync(
    values.json,
    `${JSON.stringify({ ...figures, ...counted, counted, seed, seconds: Number(seconds) }, null, 2)}\n`,
  );
print(`runs ${figures.runs}, violations ${figures.violations}`);
process.exitCode = tally.broken === undefined ? 0 : 1;

function faultsOf(run: number, all: number): string {
  return `one fault at every step of a rotation: ${run} of ${all}`;
}

function secondsSince(startedAt: number): string {
  return ((performance.now() - startedAt) / 1_000).toFixed(1);
}
