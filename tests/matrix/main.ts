// `npm run matrix`: every combination of platform, store and ledger. Those that are allowed vend over HTTP, by import and by event, rotate
// on a real sshd and recover from a kill; the others are refused, by name, when a process starts.
//   --only WORD (of a cell's name)   --at-once N (3)   --json FILE
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { cells, nameOf } from './cells.ts';
import { type Outcome, runCell } from './run-cell.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    'at-once': { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});
const chosen = cells.filter((cell) => nameOf(cell).includes(values.only));
const outcomes: Outcome[] = [];
const waiting = chosen.entries();
await Promise.all(
  Array.from({ length: Number(values['at-once']) }, async () => {
    for (const [i, cell] of waiting) {
      outcomes[i] = await runCell(cell);
      process.stderr.write(`${nameOf(cell)}: ${outcomes[i].result}\n`);
    }
  }),
);

const rows = outcomes.map(({ cell: { platform, store, ledger }, result, said, seconds }) =>
  [platform, store, ledger, result, said, seconds.toFixed(1)].join(' | '),
);
const count = (result: Outcome['result']) => outcomes.filter((one) => one.result === result).length;
const notRun = count('not run') === 0 ? '' : `, not run ${count('not run')}`;
const table = [
  'platform | store | ledger | | what was done, or why not | s',
  '--- | --- | --- | --- | --- | ---:',
  ...rows,
];
process.stdout.write(
  `${table.map((row) => `| ${row} |`).join('\n')}\n\ncells ${outcomes.length}, passed ${count('passed')}, refused ${count('refused')}, failed ${count('failed')}${notRun}\n`,
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(outcomes, undefined, 2)}\n`);
process.exitCode = count('failed') === 0 ? 0 : 1;
