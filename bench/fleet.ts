// What a fleet's schedules and listings cost, before and after what grew was stopped from growing: 20,000 key pairs in 41 places, 3,000
// names that are over, 1,000 attempts open on CVM, 1,000 key pairs due at once, clouds that take 100 ms for a call. Both columns are
// measured by the same script, on the code of their commits (fleet/measure.ts); time is virtual. Ends with 1 where the cost of a
// comparison follows what ever existed, where recovery takes longer than the cloud's rate, or where anything is refused for its rate.
//
// Run: node bench/fleet.ts [--pairs N] [--vacant N] [--open N] [--due N] [--regions N] [--cloud-ms N] [--json FILE] [--short]
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Fleet, Size } from './fleet/fleet.ts';
import { publish, readOptions, table } from './support/figures.ts';

const here = fileURLToPath(new URL('..', import.meta.url));
/** The last commit before any of it was begun. */
const BEFORE = 'e81afb5';
/** What housekeeping may ask of CVM in a second, and what settling one attempt asks: whether its pair is there, twice. */
const [TURNS, LOOKS] = [8, 2];

const {
  pairs,
  vacant,
  open,
  due,
  regions,
  'cloud-ms': cloudMs,
  ...options
} = readOptions({
  ...{ pairs: 20_000, vacant: 3_000, open: 1_000, due: 1_000, regions: 20, 'cloud-ms': 100 },
});
const size: Size = { pairs, vacant, open, due, regions, cloudMs };

function measured(root: string, of: Size): Fleet {
  const script = join(here, 'bench/fleet/measure.ts');
  const { stdout, status } = spawnSync(process.execPath, [script, root, JSON.stringify(of)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('it could not be measured');
  return JSON.parse(stdout) as Fleet;
}

function measuredBefore(): Fleet {
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-before-'));
  const tree = join(folder, 'tree');
  execFileSync('git', ['worktree', 'add', '--quiet', '--detach', tree, BEFORE], { cwd: here });
  try {
    symlinkSync(join(here, 'node_modules'), join(tree, 'node_modules'));
    return measured(tree, size);
  } finally {
    execFileSync('git', ['worktree', 'remove', '--force', tree], { cwd: here });
    rmSync(folder, { recursive: true });
  }
}

const after = measured(here, size);
const moreNames = measured(here, { ...size, vacant: 3 * vacant });
const before = options.short ? undefined : measuredBefore();

const cell = (number: number) => number.toLocaleString('en', { maximumFractionDigits: 1 });
const row = (name: string, of: (fleet: Fleet) => string) => [name, before === undefined ? '-' : of(before), of(after)];
const places = 1 + 2 * regions;
const text = table(
  [`${cell(pairs)} key pairs in ${places} places, ${cloudMs} ms a call`, `before (${BEFORE})`, 'now'],
  [
    row('comparing all of it: seconds', ({ reconcile }) => cell(reconcile.seconds)),
    row(`its calls of the clouds, with ${cell(vacant)} names that are over`, ({ reconcile }) =>
      cell(reconcile.cloudCalls),
    ),
    ['the same with three times as many', '-', cell(moreNames.reconcile.cloudCalls)],
    row(`settling ${cell(open)} attempts on CVM: minutes`, ({ recovery }) => cell(recovery.minutes)),
    row('calls that CVM refused for its rate', ({ recovery }) => cell(recovery.throttled)),
    row('attempts still open after four hours', ({ recovery }) => cell(recovery.left)),
    row('counting all places: seconds', ({ counting }) => cell(counting.seconds)),
    row(`${cell(due)} due at once: records read to hand them out`, ({ rotation }) => cell(rotation.reads)),
    row('rotations by age that begin on one day, once an age is set', ({ rotation }) => cell(rotation.mostOnADay)),
    row('key pairs on a page of twenty, at least', ({ paging }) => cell(paging.first)),
    row("pages of one provider's", ({ paging }) => cell(paging.pages)),
  ],
);

const { reconcile, recovery } = after;
/** Each attempt is looked at twice, at the housekeeping's share of the rate; and the second time not before half a minute later. */
const leastMinutes = (open * LOOKS) / TURNS / 60;
const broken = [
  ...(reconcile.cloudCalls === moreNames.reconcile.cloudCalls ? [] : ['comparing asks the clouds for what ever was']),
  ...(reconcile.doubtful === 0 ? [] : [`${reconcile.doubtful} findings where all is well`]),
  ...(recovery.left === 0 ? [] : [`${recovery.left} attempts were not settled`]),
  ...(recovery.throttled === 0 ? [] : [`${recovery.throttled} calls were refused for their rate`]),
  ...(recovery.minutes <= leastMinutes + 3
    ? []
    : [`settling takes ${cell(recovery.minutes)} minutes, of ${cell(leastMinutes)}`]),
  ...(options.short || after.paging.first === 20 ? [] : ['a page is not full though others follow']),
];
publish(text, { size, before, after, moreNames }, { broken }, options);
