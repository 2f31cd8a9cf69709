// `node tests/rights/main.ts` prints the table of rights, and how much was looked at (docs/rights.md).
import { rmSync } from 'node:fs';
import { packaged } from '../deploy/packaged.ts';
import { denied } from './denied.ts';
import { whole } from './deployed.ts';
import { lookedAt } from './looked-at.ts';
import { rightsTable } from './table.ts';

const example = await packaged(...whole);
try {
  const looked = await lookedAt(example);
  const { functions } = looked.deployed;
  const cases = denied(looked.deployed);
  const tried = cases.flatMap(({ except }) => functions.filter(({ name }) => !except?.test(name)));
  process.stdout.write(`${rightsTable(looked)}\n\n`);
  process.stdout.write(
    `${functions.length} functions, ${looked.calls} calls, ${looked.different} different things that have to be allowed: ${looked.denied.length} denied. ${cases.length} cases that are for few functions or none, ${tried.length} times denied.\n`,
  );
  if (looked.denied.length > 0) process.exitCode = 1;
} finally {
  rmSync(example.folder, { recursive: true, force: true });
}
