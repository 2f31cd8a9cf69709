// The count against a quota: who is told, and from when on.
import { describe, expect, it } from 'vitest';
import { warningKey } from '../../../lib/ledger/places.ts';
import { forEachProvider } from '../../../lib/provider-table.ts';
import { countUsage } from '../../../lib/vending/quota-usage.ts';
import { world } from './world.ts';

const HOUR_MS = 3_600_000;

async function counted(used: number, limit: number) {
  const all = world('ecs', { quotas: { ...forEachProvider(() => 0), ecs: limit } });
  for (let i = 0; i < used; i += 1) {
    await all.adapter.create({ region: all.identity.region, name: `web_${i}` }, { timeoutMs: 1 });
  }
  const { name: _, ...place } = all.identity;
  const usage = await countUsage(all.worker(), place, HOUR_MS);
  const told = () => all.ledger.recall(warningKey(place), all.clock.wallMs());
  return { ...all, place, usage, told };
}

describe('the count against a quota', () => {
  it.each([
    [8, 10, ''],
    [9, 10, 'used=9, limit=10'],
    [10, 10, 'used=10, limit=10'],
  ])('is told to callers when it is high: at %i of %i they hear "%s"', async (used, limit, said) => {
    const { usage, told } = await counted(used, limit);
    expect(usage).toEqual({ used, limit });
    expect(await told()).toBe(said);
  });

  it('is withdrawn when there is room again, and forgotten when nobody counts any more', async () => {
    const { cloud, worker, place, clock, told } = await counted(9, 10);
    cloud.pairs.pop();
    await countUsage(worker(), place, HOUR_MS);
    expect(await told()).toBe('');
    clock.advance(HOUR_MS);
    expect(await told()).toBeUndefined();
  });

  it('is not taken where no limit is known', async () => {
    const { usage, told } = await counted(3, 0);
    expect(usage).toBeUndefined();
    expect(await told()).toBeUndefined();
  });
});
