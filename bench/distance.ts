// How long a caller waits when the cloud is far away: the three vending functions, each behind relays that delay both directions, against
// the same calls made bare and one after the other, and against the handler written the usual way. `npm run bench -- --distance`, or
// node bench/distance.ts with these options:
//   --rounds N    (7)             --idle-rounds N  after ten idle seconds (3)
//   --cloud A,B   round trips to the clouds in ms (200,30,2); AWS and the issuer are 2 ms away
//   --only a,b    providers       --short          one round, one distance, one second idle
//   --svg FILE    a picture of the farthest
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chart } from './distance/chart.ts';
import { measureDistances } from './distance/measure.ts';
import { distanceReport } from './distance/report.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    'idle-rounds': { type: 'string', default: '3' },
    cloud: { type: 'string', default: '200,30,2' },
    only: { type: 'string' },
    svg: { type: 'string' },
    short: { type: 'boolean', default: false },
    distance: { type: 'boolean' }, // how `npm run bench` is told
  },
});

const whole = (text: string, what: string): number => {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new TypeError(`${what} takes whole numbers`);
};

const measured = await measureDistances({
  rounds: values.short ? 1 : whole(values.rounds, '--rounds'),
  idleRounds: values.short ? 1 : whole(values['idle-rounds'], '--idle-rounds'),
  idleMs: values.short ? 1_000 : 10_000,
  cloudMs: (values.short ? '20' : values.cloud).split(',').map((ms) => whole(ms, '--cloud')),
  ...(values.only !== undefined && { only: values.only.split(',') }),
  told: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write(`${distanceReport(measured)}\n`);
if (values.svg !== undefined) writeFileSync(values.svg, chart(measured));
