// A year of rotations on a virtual clock over the real parts: local clouds over HTTP, the adapters of ECS, the SQLite ledger, the
// embedded store, real sshds. Keys are rotated when they are 30 days old, with an overlap of 7, while machines are listed and taken
// off lists each week, are down for weeks, are installed anew and boot, and instances and templates keep pairs. What is promised is
// looked at all along (year/watch.ts, year/records.ts); whatever does not hold is printed with its moment, and ends in exit code 1.
//
// Run: node bench/year.ts [--weeks 52] [--pairs 12] [--hosts 12] [--seed 1] [--json FILE]
import { publish, readOptions } from './support/figures.ts';
import { report } from './year/report.ts';
import { year } from './year/run.ts';

const { json, short, ...options } = readOptions({ weeks: 52, pairs: 12, hosts: 12, seed: 1 });
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1)); // so that no sshd and no account stays
const lived = await year({ ...options, progress: (text) => void process.stderr.write(`${text}\n`) });
publish(report(lived), lived, { broken: lived.broken }, { json, short });
