// Which platforms, stores and ledgers go together: all refusals, and in full the one that has most of it in it.
import { expect, it } from 'vitest';
import { cells, nameOf, whyNot } from './cells.ts';
import { refusedAtStart } from './refused.ts';
import { lackingFor, runCell } from './run-cell.ts';

const refused = cells.filter((cell) => whyNot(cell) !== undefined);

it('are as many combinations as there are, and some of them work', () => {
  expect(cells).toHaveLength(48);
  expect(refused.length).toBeLessThan(48);
});

it.each(refused.map((cell) => [nameOf(cell), cell] as const))(
  '%s is refused by name when a process starts',
  { timeout: 60_000 },
  async (_, cell) => {
    expect(await refusedAtStart(cell)).toBe(whyNot(cell));
  },
);

const whole = { platform: 'fc', store: 'kms', ledger: 'postgres' } as const;
it(`${nameOf(whole)} vends, rotates, and recovers from a kill`, { timeout: 120_000 }, async (context) => {
  const lacking = lackingFor(whole);
  if (lacking !== undefined) return context.skip(lacking);
  expect(await runCell(whole)).toMatchObject({ result: 'passed' });
});
