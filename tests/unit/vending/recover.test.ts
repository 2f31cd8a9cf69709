// Scheduled recovery: what it finds, what it leaves alone, and that one failure does not stand in the way of others.
import { describe, expect, it } from 'vitest';
import { deadlineIn } from '../../../lib/clock.ts';
import { VendingError } from '../../../lib/errors.ts';
import { type Recovered, type RecoveryLimits, recover } from '../../../lib/vending/recover.ts';
import { vend } from '../../../lib/vending/vend.ts';
import { diesAfter } from '../../doubles/dies-after.ts';
import { STRANGER } from '../../doubles/memory-cloud.ts';
import { type World, world } from './world.ts';

const none: Recovered = { settled: 0, waiting: 0, conflicts: 0, announced: 0, failed: 0, more: false };
const recovering = (all: World, ports = all.worker(), over: Partial<RecoveryLimits> = {}) =>
  recover(ports, { until: deadlineIn(all.clock, 60_000), ...over });

/** Attempts that died after a call, one for each name. */
async function died(all: World, names: readonly string[], after = 'cloud.create') {
  for (const name of names) {
    const ports = all.worker(diesAfter(after));
    const deadline = deadlineIn(all.clock, 29_000);
    await vend(ports, { identity: { ...all.identity, name }, request: {}, caller: 'portal', deadline }).catch(() => {});
  }
}
const many = (count: number) => Array.from({ length: count }, (_, i) => `web_${i}`);

describe('recovery', () => {
  it('leaves an attempt alone until its lease and the pause after that are over, and settles it then', async () => {
    const all = world('cvm');
    await died(all, ['web_1']);
    expect(await recovering(all)).toEqual(none);
    all.clock.advance(96_000);
    expect(await recovering(all)).toEqual({ ...none, waiting: 1, announced: 1 }); // removed; its create may still land
    expect(all.cloud.pairs).toEqual([]);
    all.clock.advance(20 * 60_000);
    expect(await recovering(all)).toMatchObject({ failed: 0 });
    all.clock.advance(60 * 60_000);
    await recovering(all);
    expect(await recovering(all)).toEqual(none);
  });

  it('looks at a conflict for as long as it lasts, and its record does not grow', async () => {
    const all = world('cvm');
    await died(all, ['web_1'], 'ledger.write'); // before the cloud was asked
    all.cloud.create({ region: all.identity.region, name: 'web_1' }, STRANGER);
    const sizes: number[] = [];
    for (let looks = 0; looks < 200; looks += 1) {
      all.clock.advance(20 * 60_000);
      await recovering(all);
      const { record } = (await all.ledger.read(all.identity))!;
      expect(record.state).toBe('conflict');
      sizes.push(JSON.stringify(record).length);
    }
    expect(Math.max(...sizes)).toBeLessThan(sizes[5]! * 1.1);
    expect(all.sent.map(({ did }) => did)).toEqual(['attempt-opened', 'conflict-found']);
  });

  it('settles a thousand attempts within the time that the rate of the cloud allows, and is throttled in none', async () => {
    const all = world('cvm');
    await died(all, many(1_000));
    all.clock.advance(96_000);
    const seconds = new Map<string, number>();
    const limited = () =>
      all.worker({
        before(_, call) {
          if (!call.startsWith('cloud.')) return;
          const second = `${call} ${Math.floor(all.clock.wallMs() / 1_000)}`;
          const count = (seconds.get(second) ?? 0) + 1;
          seconds.set(second, count);
          if (count > 10) throw new VendingError('THROTTLED', 'Too many', { retryAfterMs: 1_000 });
        },
      });
    const startMs = all.clock.wallMs();
    const atOnce = { atOnce: 1 }; // each one's waiting moves the one clock
    for (let round = 0; round < 60 && all.cloud.pairs.length > 0; round += 1) {
      const done = await recovering(all, limited(), { ...atOnce, until: deadlineIn(all.clock, 290_000) });
      expect(done.failed).toBe(0);
    }
    expect(all.cloud.pairs).toEqual([]);
    expect((all.clock.wallMs() - startMs) / 1_000).toBeLessThan(1_000 / 8 + 60);
  });

  it('tries what the cloud had too much of again after a while, and not all of it at once', async () => {
    const all = world('ens');
    await died(all, many(50));
    all.clock.advance(96_000);
    const busy = all.worker({
      before(_, call) {
        if (call === 'cloud.find') throw new VendingError('THROTTLED', 'Too many', { retryAfterMs: 2_000 });
      },
    });
    expect(await recovering(all, busy)).toMatchObject({ failed: 50 });
    const dues = new Set<number>();
    for (const name of many(50)) dues.add((await all.ledger.read({ ...all.identity, name }))!.record.settleAtMs!);
    expect(dues.size).toBeGreaterThan(40);
    expect(Math.max(...dues) - all.clock.wallMs()).toBeLessThan(3 * 60_000);
  });

  it('publishes what was never announced', async () => {
    const all = world('ecs');
    await died(all, ['web_1'], 'ledger.write'); // the first write: nothing was made
    await died(all, ['web_2'], 'events.publish');
    all.announced.length = 0;
    all.clock.advance(1_000);
    expect(await recovering(all)).toMatchObject({ announced: 1 });
    expect(all.announced.map(({ identity }) => identity.name)).toEqual(['web_2']);
    expect(await recovering(all)).toMatchObject({ announced: 0 });
  });

  it('settles hundreds of attempts in one run, and no more than it is told to', async () => {
    const all = world('ens');
    await died(all, many(230));
    all.clock.advance(96_000);
    const first = await recovering(all, all.worker(), { most: 120 });
    expect(first).toMatchObject({ more: true, waiting: 120 });
    expect(await recovering(all)).toMatchObject({ more: false, waiting: 110 });
    expect(all.cloud.pairs).toEqual([]);
  });

  it('begins nothing once its time is up', async () => {
    const all = world('ens');
    await died(all, many(3));
    all.clock.advance(96_000);
    expect(await recovering(all, all.worker(), { until: deadlineIn(all.clock, 0) })).toEqual({ ...none, more: true });
    expect(all.cloud.pairs).toHaveLength(3);
  });

  it('puts off what fails, so that it does not hold up what would succeed', async () => {
    const all = world('cvm');
    await died(all, many(150));
    all.clock.advance(96_000);
    const told: string[] = [];
    const ports = all.worker();
    const lockedOut = {
      ...ports,
      providerFor: async (identity: World['identity']) => {
        if (Number(identity.name.slice(4)) < 140) throw new VendingError('ACCOUNT_UNKNOWN', 'Gone');
        return ports.providerFor(identity);
      },
    };
    const failed = (_error: unknown, { name }: World['identity']) => void told.push(name);
    expect(await recovering(all, lockedOut, { failed })).toEqual({ ...none, failed: 140, waiting: 10, announced: 10 });
    expect(told).toHaveLength(140);
    expect(await recovering(all, lockedOut)).toEqual(none);
    all.clock.advance(5 * 60_000);
    expect(await recovering(all, lockedOut)).toMatchObject({ failed: 140 });
  });

  it('may run many times at once, fails nowhere and settles every record', async () => {
    const all = world('ens');
    await died(all, many(40));
    all.clock.advance(96_000);
    const runs = await Promise.all(Array.from({ length: 5 }, () => recovering(all)));
    expect(runs.every(({ failed }) => failed === 0)).toBe(true);
    expect(all.cloud.pairs).toEqual([]);
    for (const name of many(40)) {
      expect((await all.ledger.read({ ...all.identity, name }))?.record.state).toBe('vacant');
    }
  });
});
