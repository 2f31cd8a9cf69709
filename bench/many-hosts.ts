// Many hosts: what a rotation costs the ledger when its key opens many hosts, from the request to the end of the old key. The real
// worker and the real ledger of DynamoDB, on a local stand-in; hosts in memory, on which a login takes 0.2 s of a virtual clock. A
// write unit is what DynamoDB bills for each KB of an item that is begun.
//
// Run: node bench/many-hosts.ts [--most 2000] [--json FILE]
import { startDynalite } from '../tests/conformance/ledger-dynamodb-local.ts';
import { rotation } from './many-hosts/run.ts';
import { median, publish, readOptions, table } from './support/figures.ts';

const { most, ...options } = readOptions({ most: 2_000 });
const dynamo = await startDynalite();
const rows: Awaited<ReturnType<typeof rotation>>[] = [];
for (const hosts of [10, 150, 1_000, 2_000].filter((count) => count <= most)) rows.push(await rotation(dynamo, hosts));
await dynamo.stop();

type Row = (typeof rows)[number];
const units = (bytes: number) => Math.ceil(bytes / 1_024);
const number = (count: number) => count.toLocaleString('en');
const kilobytes = (all: readonly number[]) =>
  [median(all), Math.max(...all)].map((bytes) => (bytes / 1_024).toFixed(1)).join(', ');
const each = (all: readonly number[]) => `${median(all)}, ${number(all.reduce((one, other) => one + other, 0))}`;
const line = (name: string, cell: (row: Row) => string) => [name, ...rows.map(cell)];
publish(
  table(
    ['hosts of the key pair', ...rows.map(({ hosts }) => number(hosts))],
    [
      line(
        'promoted after, by passes of a worker',
        ({ toPromote }) => `${toPromote.minutes.toFixed(1)} min, ${toPromote.passes}`,
      ),
      line('passes until the old key is gone; logins', ({ passes, logins }) => `${passes}; ${number(logins)}`),
      line('writes of the record', ({ writes }) => number(writes.length)),
      line('its JSON in KB, median and most', ({ writes }) => kilobytes(writes.map((one) => one.json))),
      line('its item in KB, median and most', ({ writes }) => kilobytes(writes.map((one) => one.item))),
      line('write units: median of a write, and all', ({ writes }) => each(writes.map((one) => units(one.item)))),
      line('the same if the item were text', ({ writes }) => each(writes.map((one) => units(one.json)))),
      line('the same in pages of text', ({ writes }) => each(writes.map(({ pages }) => pages.asText))),
      line('the same in packed pages', ({ writes }) => each(writes.map(({ pages }) => pages.packed))),
      line('calls for a write in pages, median', ({ writes }) =>
        String(median(writes.map(({ pages }) => pages.calls))),
      ),
      line(
        'a change on a processor, ms; packing of that',
        ({ changeMs: { all, packing } }) => `${all.toFixed(1)}; ${packing.toFixed(1)}`,
      ),
    ],
  ),
  { rows: rows.map(({ writes, ...row }) => ({ ...row, writes: writes.map(({ record, ...one }) => one) })) },
  { broken: rows.flatMap(({ broken }) => broken) },
  options,
);
