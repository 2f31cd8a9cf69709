// A pair is looked at while the create's answer is still on its way. When that is never decides anything, only what it shows.
import { describe, expect, it } from 'vitest';
import { wait } from '../../../lib/clock.ts';
import { VendingError } from '../../../lib/errors.ts';
import type { FoundPair, KeyPairProvider } from '../../../lib/providers/provider.ts';
import { CreateTimes } from '../../../lib/vending/create-times.ts';
import type { Ports } from '../../../lib/vending/ports.ts';
import { ask, expectConsistent } from './story.ts';
import { type World, world } from './world.ts';

const turns = async (count = 20) => {
  for (let i = 0; i < count; i += 1) await undefined;
};

/** A cloud far away: a create's answer comes only when it is let go, and what is looked for is seen as `shows` says. */
function far(all: World, shows: (seen: readonly FoundPair[], look: number) => readonly FoundPair[] = (seen) => seen) {
  const finds: string[] = [];
  let made = () => {};
  let sent = false;
  const answered = new Promise<void>((resolve) => (made = resolve));
  const distant = (given: KeyPairProvider): KeyPairProvider => ({
    ...given,
    async create(pair, limits) {
      sent = true;
      const done = await given.create(pair, limits);
      await answered;
      return done;
    },
    async find(place, limits) {
      if (!sent) return given.find(place, limits); // whether the name is free
      finds.push(limits.signal?.aborted ? 'cancelled' : 'asked');
      const sighting = await given.find(place, limits);
      return { ...sighting, pairs: shows(sighting.pairs, finds.length) };
    },
  });
  const ports = all.worker();
  const createTimes = new CreateTimes();
  const providerFor: Ports['providerFor'] = async (identity) => {
    const pinned = await ports.providerFor(identity);
    return { ...distant(pinned), assertAccount: pinned.assertAccount };
  };
  return { finds, createTimes, ports: { ...ports, providerFor, createTimes }, answer: () => made() };
}

describe.each(['ecs', 'ens'] as const)('a pair that is being made on %s', (provider) => {
  const place = { provider, region: provider === 'ens' ? 'global' : 'somewhere-1' } as const;

  it('is looked at before the answer to the create is there, and once', async () => {
    const all = world(provider);
    const { finds, ports, answer } = far(all);
    const vending = ask(all, ports);
    await turns(200);
    expect(finds).toEqual(['asked']);
    answer();
    await vending;
    expect(finds).toEqual(['asked']);
    await expectConsistent(all, 1);
  });

  it('leaves no timer behind once its answer is there, which would hold all that the vend knows', async () => {
    const all = world(provider);
    const createTimes = new CreateTimes();
    createTimes.learn(place, { createMs: 60_000, lookMs: 0, wasThere: false });
    const timers = () => process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length;
    const before = timers();
    await ask(all, { ...all.worker(), createTimes, wait });
    expect(timers()).toBe(before);
  });

  it('is looked at as soon as the answer is there, where that comes sooner than was expected', async () => {
    const all = world(provider);
    const { finds, ports, answer, createTimes } = far(all);
    for (let i = 0; i < 8; i += 1) createTimes.learn(place, { createMs: 900, lookMs: 100, wasThere: true });
    answer();
    await ask(all, { ...ports, wait: () => new Promise(() => {}) });
    expect(finds).toEqual(['asked']);
  });

  it('is looked at again when that was too early, and later from then on', async () => {
    const all = world(provider);
    const { finds, ports, answer, createTimes } = far(all, (seen, look) => (look === 1 ? [] : seen));
    const before = createTimes.delayMs(place);
    answer();
    await ask(all, ports);
    expect(finds).toEqual(['asked', 'asked']);
    expect(createTimes.delayMs(place)).toBeGreaterThan(before);
    await expectConsistent(all, 1);
  });

  it('is looked at again when that failed, which says nothing about when to look', async () => {
    const all = world(provider);
    const { finds, ports, answer, createTimes } = far(all, (seen, look) => {
      if (look === 1) throw new VendingError('CLOUD_UNREACHABLE', 'It is set so');
      return seen;
    });
    const before = createTimes.delayMs(place);
    answer();
    await ask(all, ports);
    expect(finds).toEqual(['asked', 'asked']);
    expect(createTimes.delayMs(place)).toBe(before);
  });

  it('is not given up for what had the name before and was still shown', async () => {
    const all = world(provider);
    const stranger = all.cloud.create({ region: place.region, name: 'another' }, 'somebody');
    const { privateKey: _, id: _id, ...other } = stranger;
    const { finds, ports, answer } = far(all, (seen, look) => (look === 1 ? [{ ...other, name: 'web_1' }] : seen));
    answer();
    await ask(all, ports);
    expect(finds).toHaveLength(2);
    expect(all.cloud.pairs.map(({ name }) => name)).toEqual(['another', 'web_1']);
    expect(all.cloud.removals).toEqual([]);
  });

  it('is given up when the last look contradicts its key, whatever the create said', async () => {
    const all = world(provider);
    const {
      privateKey: _,
      id: _id,
      ...other
    } = all.cloud.create({ region: place.region, name: 'another' }, 'somebody');
    const { ports, answer } = far(all, (seen) =>
      seen.map(({ id }) => ({ ...other, name: 'web_1', ...(id && { id }) })),
    );
    answer();
    await expect(ask(all, ports)).rejects.toMatchObject({ code: 'KEY_CONTRADICTED' });
  });

  it('is not looked at where the create was refused', async () => {
    const all = world(provider);
    const { finds, ports } = far(all);
    const providerFor: Ports['providerFor'] = async (identity) => ({
      ...(await ports.providerFor(identity)),
      create: () => Promise.reject(new VendingError('QUOTA_REACHED', 'It is set so')),
    });
    await expect(ask(all, { ...ports, providerFor })).rejects.toMatchObject({ code: 'QUOTA_REACHED' });
    await turns();
    expect(finds).toEqual([]);
  });
});

describe('a pair that is being made on cvm', () => {
  it('is not looked at: the answer shows its public key', async () => {
    const all = world('cvm');
    const { finds, ports, answer } = far(all);
    answer();
    await ask(all, ports);
    expect(finds).toEqual([]);
  });
});

describe('how long a create takes', () => {
  const place = { provider: 'ecs', region: 'cn-hangzhou' } as const;

  it('is learned within a few creates, beside the way there and back, by region', () => {
    const times = new CreateTimes();
    for (let i = 0; i < 8; i += 1) times.learn(place, { createMs: 520, lookMs: 200, wasThere: true });
    expect(times.delayMs(place)).toBeGreaterThan(315);
    expect(times.delayMs(place)).toBeLessThan(335);
    expect(times.delayMs({ ...place, region: 'eu-central-1' })).toBeLessThan(50);
  });

  it('is never waited for longer than two seconds', () => {
    const times = new CreateTimes();
    for (let i = 0; i < 20; i += 1) times.learn(place, { createMs: 60_000, lookMs: 0, wasThere: false });
    expect(times.delayMs(place)).toBe(2_000);
  });
});
