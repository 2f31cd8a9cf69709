// How long a function takes from the start of its process to its first answer, against an empty handler, bare calls, and the
// same handler written the usual way. `npm run bench`, or node bench/cold-start.ts with these options:
//   --rounds N     at least this many (21)       --max N    at most this many (61); in between, until each ratio is known to 5 %
//   --only a,b     functions or modules: ecs.http, cvm           --pin       each process on one core
//   --json FILE    every figure                  --svg FILE      a chart
//   --min-ratio X  exit 1 where keyvend is not surely this many times faster than the SDKs from node_modules
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chart } from './cold-start/chart.ts';
import { goals } from './cold-start/goals.ts';
import { unmeasured } from './cold-start/handlers.ts';
import { measure } from './cold-start/measure.ts';
import { report, warnings } from './cold-start/report.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '21' },
    max: { type: 'string', default: '61' },
    json: { type: 'string' },
    svg: { type: 'string' },
    pin: { type: 'boolean', default: false },
    'min-ratio': { type: 'string', default: '0' },
    only: { type: 'string' },
  },
});

const number = (name: 'rounds' | 'max' | 'min-ratio', least: number): number => {
  const value = Number(values[name]);
  if (value >= least) return value;
  throw new TypeError(`--${name} must be a number from ${least} on`);
};

const [most, minRatio] = [number('max', 1), number('min-ratio', 0)];
const least = Math.min(number('rounds', 1), most);
const all = await measure({
  ...(values.only === undefined ? {} : { only: values.only.split(',') }),
  least,
  most,
  pinned: values.pin,
  told: (round) => process.stderr.write(round === 0 ? 'warming up\n' : `round ${round} of ${least} to ${most}\n`),
});

const warned = warnings(all, values.only === undefined ? unmeasured : []);
process.stdout.write(`${report(all, values.pin)}\n`);
for (const warning of warned) process.stdout.write(`\nWarning: ${warning}.\n`);

if (values.json !== undefined) {
  const environment = { node: process.versions.node, pinned: values.pin };
  writeFileSync(
    values.json,
    `${JSON.stringify({ ...environment, warnings: warned, goals: goals(all), handlers: all })}\n`,
  );
}
const svg = chart(all);
if (values.svg !== undefined && svg !== undefined) writeFileSync(values.svg, svg);

for (const { handler, ratios } of all) {
  if (ratios.modules === undefined || ratios.modules.low >= minRatio) continue;
  process.stderr.write(`${handler} is only surely ${ratios.modules.low.toFixed(2)} times faster, not ${minRatio}\n`);
  process.exitCode = 1;
}
