// Rotations by age of many key pairs do not begin together, and none is later than the age says.
import { describe, expect, it } from 'vitest';
import { DAY_MS, deadlineIn } from '../../../../lib/clock.ts';
import { warningKey } from '../../../../lib/ledger/places.ts';
import { replan } from '../../../../lib/vending/rotation/replan.ts';
import { withSchedule } from '../../../../lib/vending/rotation/rotation-schedule.ts';
import { vend } from '../../../../lib/vending/vend.ts';
import { world } from '../world.ts';
import { rotated } from './world.ts';

describe('rotation by the age of the configuration', () => {
  const DAYS = 90;
  const spread = { maxAgeDays: DAYS, ageSpread: 0.25 };
  const perDay = (moments: readonly number[]) => {
    const counts = new Map<number, number>();
    for (const ms of moments) counts.set(Math.floor(ms / DAY_MS), (counts.get(Math.floor(ms / DAY_MS)) ?? 0) + 1);
    return counts;
  };
  async function many(ageDays: number) {
    const here = await rotated('ecs', 'web', {});
    const record = await here.recordOf();
    const [version] = record.versions;
    const nowMs = here.clock.wallMs();
    const moments = Array.from({ length: 2_000 }, (_, i) => {
      const identity = { ...record.identity, name: `web-${i}` };
      const versions = [{ ...version!, activatedAtMs: nowMs - ageDays * DAY_MS }];
      return withSchedule({ ...record, identity, versions }, spread, nowMs).rotateAtMs!;
    });
    return { here, nowMs, moments };
  }

  it('spreads those that were made together over the last part of their age, and none is too late', async () => {
    const { nowMs, moments } = await many(0);
    expect(Math.max(...moments)).toBeLessThanOrEqual(nowMs + DAYS * DAY_MS);
    expect(Math.min(...moments)).toBeGreaterThanOrEqual(nowMs + 0.75 * DAYS * DAY_MS);
    const counts = perDay(moments);
    expect(Math.max(...counts.values())).toBeLessThan((2 * 2_000) / (0.25 * DAYS));
  });

  it('spreads those that are too old already over as long, from now on, and stays with what was planned', async () => {
    const { here, nowMs, moments } = await many(400);
    expect(Math.max(...moments)).toBeLessThanOrEqual(nowMs + 0.25 * DAYS * DAY_MS);
    expect(Math.max(...perDay(moments).values())).toBeLessThan((2 * 2_000) / (0.25 * DAYS));
    here.clock.advance(400 * DAY_MS);
    expect(await replan(here.ports, here.identity, spread)).toBe(1);
    const planned = (await here.recordOf()).rotateAtMs!;
    here.clock.advance(DAY_MS);
    expect(await replan(here.ports, here.identity, spread)).toBe(0);
    expect((await here.recordOf()).rotateAtMs).toBe(planned);
    expect(await replan(here.ports, here.identity, { ...spread, maxAgeDays: 0 })).toBe(1);
    expect((await here.recordOf()).rotateAtMs).toBeUndefined();
  });

  it.each([80, 89.9, 90, 90.5])(
    'is never later than the age says where that is not over, or only just: after %f days',
    async (days) => {
      const { nowMs, moments } = await many(days);
      const endMs = nowMs + (DAYS - days) * DAY_MS;
      expect(Math.max(...moments)).toBeLessThanOrEqual(Math.ceil(endMs));
      expect(Math.min(...moments)).toBeGreaterThanOrEqual(Math.min(nowMs, Math.floor(endMs)));
    },
  );

  it('is the moment of the vend, where the age was set by then', async () => {
    const here = world('ecs', { maxAgeMs: DAYS * DAY_MS, ageSpread: 0.25 });
    const deadline = deadlineIn(here.clock, 29_000);
    await vend(here.worker(), { identity: here.identity, request: {}, caller: 'portal', deadline });
    const { record } = (await here.ledger.read(here.identity))!;
    expect(withSchedule(record, spread, here.clock.wallMs() + DAY_MS)).toEqual(record);
  });

  it('takes at most half of the room that is left in a nearly full region in a day', async () => {
    const here = await rotated('ecs', 'web', { maxAgeDays: 30 });
    const { identity, clock, ledger } = here;
    const { name: _, ...place } = identity;
    clock.advance(31 * DAY_MS);
    const remembered = (used: number) =>
      ledger.restate(warningKey(place), `used=${used}, limit=500`, clock.wallMs() + 3 * DAY_MS);
    await remembered(499);
    await here.work();
    expect((await here.recordOf()).rotations ?? []).toEqual([]);
    const laterMs = (await here.recordOf()).rotateAtMs!;
    expect(laterMs).toBeGreaterThan(clock.wallMs());
    expect(laterMs).toBeLessThan(clock.wallMs() + 2 * DAY_MS);
    await remembered(498);
    clock.advance(laterMs - clock.wallMs());
    await here.work();
    expect((await here.recordOf()).rotations).toHaveLength(1);
  });
});
