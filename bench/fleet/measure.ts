// What schedules and listings cost a fleet, by the code of any commit: `node bench/fleet/measure.ts ROOT SIZE`, SIZE as JSON. Prints
// the figures as JSON. The use cases, the SQLite ledger and the queries are that commit's; clouds and store are its doubles, behind
// a delay for each call, and on CVM behind the rate that it takes. Time is virtual.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fleet, type Size } from './fleet.ts';

const [root = process.cwd(), size = '{}'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'keyvend-fleet-'));
try {
  const figures = await fleet(pathToFileURL(`${root}/`), folder, JSON.parse(size) as Size);
  process.stdout.write(`${JSON.stringify(figures)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
