// What the benchmark of keys that are made here takes for a promise that did not hold.
import { describe, expect, it } from 'vitest';
import { loopTable, type Made, promised, vendTable } from '../../bench/key-source/report.ts';
import { providerNames } from '../../lib/provider-table.ts';

const idle: Made = { what: 'nothing is done', ms: [], right: true, late: { p99: 0.2, most: 4 } };
const made: Made = { what: '2048 bits', ms: [30, 40, 50], right: true, late: { p99: 1, most: 8 } };
const vends = providerNames.flatMap((provider) => [
  { provider, kind: 'create', ms: [100, 100] },
  { provider, kind: 'import', ms: [150, 250] },
]);
const pairs = 3 * 2 * (2 + 1); // one more of each, which compiles and connects

describe('the benchmark of keys that are made here', () => {
  it('finds nothing wrong where all pairs are there and the event loop went on', () => {
    expect(promised([idle, made], vends, pairs)).toEqual({ broken: [], slow: [] });
  });

  it('finds pairs that were not made, and keys of another size', () => {
    const { broken } = promised([idle, { ...made, right: false }], vends, pairs - 1);
    expect(broken).toEqual(['17 pairs were made, of 18', 'a key of 2048 bits has another size']);
  });

  it('finds an event loop that was held up for as long as keys take, whatever the machine', () => {
    const { slow } = promised([idle, { ...made, late: { p99: 40, most: 50 } }], vends, pairs);
    expect(slow).toEqual(['while a key of 2048 bits was made, the event loop was held up']);
  });

  it('shows lateness in times of an idle loop, and vends in times of a create', () => {
    expect(loopTable([idle, made]).split('\n').at(-1)).toBe('| 2048 bits | 40 | 50 | 50 | 1.00 (5.0) | 8.0 (2.0) |');
    expect(vendTable(vends).split('\n').at(-1)).toBe('| import | 150 (1.5) | 150 (1.5) | 150 (1.5) | 250 |');
  });
});
