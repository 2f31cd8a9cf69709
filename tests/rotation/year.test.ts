// A few weeks of the year on a virtual clock (bench/year.ts): promises are kept in them, and the figures are those of what happened.
import { describe, expect, it } from 'vitest';
import { report } from '../../bench/year/report.ts';
import { year } from '../../bench/year/run.ts';
import { noSshd } from '../hosts/accounts.ts';

describe('a few weeks on a virtual clock', { timeout: 180_000 }, () => {
  it('rotate each key on time, and no login fails', async (context) => {
    const missing = noSshd();
    if (missing) return context.skip(missing);
    const lived = await year({ weeks: 6, pairs: 2, hosts: 3, seed: 1 });
    expect(lived.broken).toEqual([]);
    expect(lived.rotations.length).toBeGreaterThan(0);
    expect(lived.rotations.every(({ promotedAfterMs }) => promotedAfterMs !== undefined)).toBe(true);
    expect(lived.watched).toMatchObject({ refused: 0, mostKeys: 2 });
    expect(lived.watched.ssh).toBeGreaterThan(0);
    expect(report(lived)).toContain('| not as promised | 0 |');
  });
});
