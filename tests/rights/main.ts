// `node tests/rights/main.ts` prints the table of rights, and how much was looked at (docs/rights.md).
import { rmSync } from 'node:fs';
import { packaged } from '../deploy/packaged.ts';
import { denied } from './denied.ts';
import { lookedAt } from './looked-at.ts';
import { rightsTable } from './table.ts';

const example = await packaged();
try {
  const looked = await lookedAt(example);
  const { functions } = looked.deployed;
  const negative = denied(looked.deployed).length * functions.length;
  process.stdout.write(`${rightsTable(looked)}\n\n`);
  process.stdout.write(
    `${functions.length} functions, ${looked.calls} calls, ${looked.different} different things that have to be allowed: ${looked.denied.length} denied. ${negative} that must not be.\n`,
  );
  if (looked.denied.length > 0) process.exitCode = 1;
} finally {
  rmSync(example.folder, { recursive: true, force: true });
}
