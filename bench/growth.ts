// Growth: what an operation costs the ledger must not depend on how many key pairs there are. Calls, rows or items and bytes
// are counted in ledgers with 10^2 to 10^6 key pairs in SQLite and in PostgreSQL, where that is installed, and on a local DynamoDB with up to 10^4, filled with records as
// vending leaves them, a hundred of them due for rotation, and as many that are over; new names, known ones and pages lie anywhere between them. Times,
// what SQLite asks of its file and how many pages PostgreSQL looks at are shown and not bounded: the small files fit into SQLite's cache of 2 MB, and the others are
// read page by page; an index becomes deeper with every few hundred times as many. All figures are medians of rounds that take turns between the sizes.
//
// Run: node bench/growth.ts [--json FILE] [--sqlite N] [--postgres N] [--dynamodb N] [--rounds N]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDynalite } from '../tests/conformance/ledger-dynamodb-local.ts';
import type { Cost } from './growth/cost.ts';
import { filledDynamo } from './growth/dynamodb.ts';
import { type Filled, identityAt, type Operation, operations, seldom } from './growth/operations.ts';
import { filledPostgres, startPostgres } from './growth/postgres.ts';
import { filledSqlite } from './growth/sqlite.ts';
import { median, publish, readOptions, table } from './support/figures.ts';

/** Moments and revisions may have a digit more. */
const BYTES_RATIO = 1.02;

interface Row extends Cost {
  readonly operation: Operation;
  readonly keys: number;
}

const { sqlite, postgres, dynamodb, rounds, ...options } = readOptions({
  ...{ sqlite: 1_000_000, postgres: 1_000_000, dynamodb: 10_000, rounds: 100 },
});
const folder = mkdtempSync(join(tmpdir(), 'keyvend-growth-'));
const dynamo = await startDynalite();
const host = await startPostgres();
const { inSqlite, inPostgres, inDynamo } = await measured();

const kb = (bytes: number) => (bytes / 1024).toFixed(0);
const text = [
  table(
    ['SQLite', 'calls', 'rows read', 'written', 'bytes', 'file: KB read', 'KB written', 'ms', 'times the first'],
    inSqlite.map((row) => {
      const ratio = (row.ms / first(inSqlite, row).ms).toFixed(2);
      return [...counts(row), kb(row.fileRead), kb(row.fileWritten), row.ms.toFixed(2), ratio];
    }),
  ),
  host === undefined
    ? 'PostgreSQL is not installed here, so its ledger is left out.'
    : table(
        ['PostgreSQL', 'calls', 'rows read', 'written', 'bytes', 'pages looked at', 'ms', 'times the first'],
        inPostgres.map((row) => {
          const ratio = (row.ms / first(inPostgres, row).ms).toFixed(2);
          return [...counts(row), row.pages ?? 0, row.ms.toFixed(2), ratio];
        }),
      ),
  table(
    ['DynamoDB', 'calls', 'items read', 'written', 'bytes', 'capacity units of the table'],
    inDynamo.map((row) => [...counts(row), row.capacity]),
  ),
  `A new pair's calls: ${Object.entries(inSqlite[0]!.calls)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')}.`,
].join('\n\n');
const broken = [...grown('SQLite', inSqlite), ...grown('PostgreSQL', inPostgres), ...grown('DynamoDB', inDynamo)];
publish(text, { rounds, inSqlite, inPostgres, inDynamo }, { broken }, options);

async function measured() {
  try {
    const inSqlite = await rowsOf((keys) => filledSqlite(folder, keys), sqlite);
    const inPostgres = host === undefined ? [] : await rowsOf((keys) => filledPostgres(host, keys), postgres);
    return { inSqlite, inPostgres, inDynamo: await rowsOf((keys) => filledDynamo(dynamo, keys), dynamodb) };
  } finally {
    await dynamo.stop();
    await host?.stop();
    rmSync(folder, { recursive: true });
  }
}

/** One row per operation and size. */
async function rowsOf(filled: (keys: number) => Promise<Filled>, most: number): Promise<Row[]> {
  const sizes: Filled[] = [];
  for (let keys = 100; keys <= most; keys *= 10) sizes.push(await filled(keys));
  const names = Object.keys(operations) as Operation[];
  const rows = names.flatMap((operation) => sizes.map((size) => ({ operation, ...size, costs: [] as Cost[] })));
  for (let round = 1; round <= rounds; round += 1) {
    const part = Math.random();
    const now = rows.filter(({ operation }) => round % (seldom[operation] ?? 1) === 0);
    for (const { operation, keys, ledger, meter, costs } of shuffled(now)) {
      const place = Math.floor(part * keys);
      const [fresh, known] = [identityAt(place, round), identityAt(place)];
      costs.push(await meter.of(() => operations[operation](ledger, fresh, known)));
    }
  }
  for (const { ledger } of sizes) await ledger.close();
  return rows.map(({ operation, keys, costs }) => ({ operation, keys, ...middle(costs) }));
}

/** What comes after something else finds other caches: nothing comes first in every round. */
function shuffled<T>(all: readonly T[]): T[] {
  const drawn = all.map((one) => ({ one, lot: Math.random() }));
  return drawn.sort((a, b) => a.lot - b.lot).map(({ one }) => one);
}

/** The median of each figure; of the calls, whatever most rounds called. */
function middle(costs: readonly Cost[]): Cost {
  const of = (figure: Exclude<keyof Cost, 'calls' | 'pages'>) => median(costs.map((cost) => cost[figure]));
  const kinds = [...new Set(costs.flatMap(({ calls }) => Object.keys(calls)))];
  const calls = kinds
    .map((kind) => [kind, median(costs.map(({ calls }) => calls[kind] ?? 0))] as const)
    .filter(([, count]) => count > 0); // what few rounds called is not what the operation costs
  const counted = { read: of('read'), written: of('written'), bytes: of('bytes'), capacity: of('capacity') };
  const file = { fileRead: of('fileRead'), fileWritten: of('fileWritten') };
  const pages = median(costs.map((cost) => cost.pages ?? 0));
  return { calls: Object.fromEntries(calls), ...counted, ...file, pages, ms: of('ms') };
}

function counts({ operation, keys, calls, read, written, bytes }: Row) {
  return [`${operation}, ${keys}`, Object.values(calls).reduce((sum, count) => sum + count, 0), read, written, bytes];
}

function first(rows: readonly Row[], { operation }: Row): Row {
  return rows.find((row) => row.operation === operation)!;
}

/** What differs from the figures with the fewest key pairs. */
function grown(ledger: string, rows: readonly Row[]): string[] {
  // In whatever order they began: those that are made side by side race one another.
  const sorted = (calls: Row['calls']) => Object.entries(calls).sort(([a], [b]) => a.localeCompare(b));
  const counted = ({ calls, read, written, capacity }: Row) => JSON.stringify([sorted(calls), read, written, capacity]);
  return rows.flatMap((row) => {
    const few = first(rows, row);
    const same = counted(row) === counted(few) && row.bytes / few.bytes <= BYTES_RATIO;
    return same ? [] : [`${ledger}, ${row.operation}: with ${row.keys} key pairs it costs more, or something else`];
  });
}
