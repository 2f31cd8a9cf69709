// `npm run simulate -- --runs 100000 --seed S`: random runs, until one breaks a promise. Says how to see that one again.
import { parseArgs } from 'node:util';
import { randomRun } from './run.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    windows: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
});
const [runs, seed] = [Number(values.runs), Number(values.seed)];
if (!Number.isSafeInteger(runs) || !Number.isSafeInteger(seed) || runs < 1) throw new TypeError('--runs N --seed S');

const sums = { steps: 0, acknowledged: 0, windows: 0 };
let violations = 0;
let done = 0;
for (; done < runs && violations === 0; done += 1) {
  const run = await randomRun(seed + done, values.windows);
  sums.steps += run.steps;
  sums.acknowledged += run.acknowledged;
  sums.windows += run.windows;
  violations += run.violations.length;
  if (run.violations.length > 0 || values.trace) {
    process.stdout.write(`seed ${run.seed}, ${run.provider}\n${run.trace.join('\n')}\n${run.violations.join('\n')}\n`);
    process.stdout.write(
      `again: npm run simulate -- --runs 1 --seed ${run.seed}${values.windows ? ' --windows' : ''}\n`,
    );
  }
}
process.stdout.write(`${sums.steps} port calls, ${sums.acknowledged} requests acknowledged\n`);
if (values.windows) process.stdout.write(`in windows that cannot be closed: ${sums.windows}\n`);
process.stdout.write(`runs ${done}, violations ${violations}\n`);
process.exitCode = violations === 0 ? 0 : 1;
