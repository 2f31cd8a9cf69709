// The comparison of all places: what it asks for does not grow with places times secrets.
import { describe, expect, it } from 'vitest';
import { recoveryJobs } from '../../../lib/application/recovery-jobs.ts';
import type { Connections, Log, RegionsFor, Runtime } from '../../../lib/application/runtime.ts';
import { deadlineIn } from '../../../lib/clock.ts';
import { type FailureCode, VendingError } from '../../../lib/errors.ts';
import type { Ports, Settings } from '../../../lib/vending/ports.ts';
import { vend } from '../../../lib/vending/vend.ts';
import { diesAfter } from '../../doubles/dies-after.ts';
import { STRANGER } from '../../doubles/memory-cloud.ts';
import { type World, world } from '../vending/world.ts';

const log = { info: () => {}, warn: () => {}, failed: (error: unknown) => expect.fail(String(error)) };
const jobsOf = (all: World, ports: Ports, into: Log = log, regionsFor: RegionsFor = async () => []) =>
  recoveryJobs(
    { clock: all.clock, log: into, portsFor: async () => ports } as unknown as Runtime,
    {} as Connections,
    () => ({}),
    regionsFor,
  );

async function vended(regions: number, names: number, settings: Partial<Settings> = {}): Promise<World> {
  const all = world('ecs', settings);
  for (let region = 0; region < regions; region += 1)
    for (let name = 0; name < names; name += 1)
      await vend(all.worker(), {
        identity: { ...all.identity, region: `somewhere-${region}`, name: `web_${name}` },
        request: {},
        caller: 'portal',
        deadline: deadlineIn(all.clock, 29_000),
      });
  return all;
}

async function compared(regions: number, names: number) {
  const all = await vended(regions, names);
  const calls = new Map<string, number>();
  const watched = all.worker({ before: (_, call) => void calls.set(call, (calls.get(call) ?? 0) + 1) });
  const { places } = await jobsOf(all, watched).reconcileAll({}, 60_000);
  expect(places.map(({ counts }) => counts.matched)).toEqual(Array(regions).fill(names));
  return (call: string) => calls.get(call) ?? 0;
}

describe('comparing all places', () => {
  it('lists the secrets once, and asks the ledger for no secret by itself', async () => {
    const few = await compared(2, 10);
    const many = await compared(8, 10);
    expect([few('store.list'), many('store.list')]).toEqual([1, 1]);
    expect([few('ledger.read'), many('ledger.read')]).toEqual([0, 0]);
    expect([few('cloud.list'), many('cloud.list')]).toEqual([2, 8]);
    expect([few('cloud.find'), many('cloud.find')]).toEqual([0, 0]);
  });

  it('comes to every place within a few runs, however little time each has', async () => {
    const all = await vended(6, 1);
    const seen = new Set<string>();
    for (let run = 0; run < 6; run += 1) {
      // Each place takes half a minute.
      const slow = all.worker({ after: (_, call) => call === 'cloud.list' && all.clock.advance(30_000) });
      const { places, more } = await jobsOf(all, slow).reconcileAll({}, 50_000);
      expect(places.length).toBeLessThan(4);
      expect(more).toBe(true);
      for (const { region } of places) seen.add(region);
    }
    expect(seen.size).toBe(6);
  });

  it('once a day comes to every place, in as many calls as that takes, and no more', async () => {
    const all = await vended(6, 1);
    const seen: string[] = [];
    const calls: (number | undefined)[] = [];
    const quarterHours = async (count: number) => {
      for (let call = 0; call < count; call += 1) {
        // Each place takes half a minute.
        const slow = all.worker({ after: (_, name) => name === 'cloud.list' && all.clock.advance(30_000) });
        const began = all.clock.wallMs();
        const done = await jobsOf(all, slow).reconcileDaily(70_000);
        calls.push(done?.places.length);
        seen.push(...(done?.places ?? []).map(({ region }) => region));
        all.clock.advance(15 * 60_000 - (all.clock.wallMs() - began));
      }
    };
    await quarterHours(96);
    expect(seen).toEqual(Array.from({ length: 6 }, (_, i) => `somewhere-${i}`));
    expect(calls.slice(0, 4)).toEqual([2, 2, 2, undefined]);
    await quarterHours(96);
    expect(seen).toHaveLength(12);
    expect(calls.filter((places) => places === 0)).toEqual([]);
  });

  it('goes on after a run that was killed in the middle of a place, at the next one, and begins again the next day', async () => {
    const all = await vended(3, 1);
    const killed = (_: string, { region }: { region?: string }) => {
      if (region === 'somewhere-1') throw new Error('killed');
    };
    const ports = all.worker();
    await expect(jobsOf(all, ports, { ...log, info: killed }).reconcileDaily(60_000)).rejects.toThrow('killed');
    const seen = async () =>
      (await jobsOf(all, all.worker()).reconcileDaily(60_000))?.places.map(({ region }) => region);
    expect(await seen()).toEqual(['somewhere-2']);
    expect(await seen()).toBeUndefined();
    all.clock.advance(24 * 3_600_000);
    expect(await seen()).toEqual(['somewhere-0', 'somewhere-1', 'somewhere-2']);
  });

  it('logs each key pair that does not agree once, by its name', async () => {
    const all = await vended(2, 2);
    all.cloud.pairs.splice(0, 1);
    const warned: object[] = [];
    const warn = (message: string, fields: object) => void warned.push({ message, ...fields });
    await jobsOf(all, all.worker(), { ...log, warn }).reconcileAll({}, 60_000);
    const where = { ...all.identity, region: 'somewhere-0', name: 'web_0' };
    expect(warned).toEqual([{ message: 'finding', ...where, kind: 'secret-only', keyPairId: expect.any(String) }]);
  });
});

describe('a region of which neither ledger nor store knows anything', () => {
  const regionsFor = async () => ['somewhere-0', 'lost-1', 'theirs-1', 'empty-1', 'no-such-1'];
  /** One pair of ours in a region that is on record, one in a region that is not, and one of somebody else's in a third. */
  async function withLost() {
    const all = await vended(1, 1);
    const tags = { keyvend: (await all.deployment.tags()).tag };
    all.cloud.create({ region: 'lost-1', name: 'web_9', tags }, 'we');
    all.cloud.create({ region: 'theirs-1', name: 'web_9', tags: { keyvend: 'another' } }, STRANGER);
    return all;
  }
  const looked = (all: World, refuse: (region: string) => FailureCode | undefined = () => undefined) => {
    const lists: string[] = [];
    const ports = all.worker();
    const providerFor: Ports['providerFor'] = async (identity) => {
      const provider = await ports.providerFor(identity);
      return {
        ...provider,
        async list(where, limits) {
          lists.push(where.region);
          const code = refuse(where.region);
          if (code !== undefined) throw new VendingError(code, 'It is set so');
          return provider.list(where, limits);
        },
      };
    };
    return { lists, ports: { ...ports, providerFor } };
  };

  it('is looked into where the cloud shows something of ours, and costs one call where it does not', async () => {
    const all = await withLost();
    const { lists, ports } = looked(all);
    const { places, failed, unasked } = await jobsOf(all, ports, log, regionsFor).reconcileAll({}, 60_000);
    expect(places.map(({ region, findings }) => [region, findings.map(({ name, kind }) => [name, kind])])).toEqual([
      ['lost-1', [['web_9', 'unrecorded']]],
      ['somewhere-0', []],
    ]);
    expect([failed, unasked]).toEqual([[], []]);
    expect(lists).toEqual(['empty-1', 'lost-1', 'lost-1', 'no-such-1', 'somewhere-0', 'theirs-1']);
  });

  it('is looked into for what carries a tag from before the ledger was confirmed', async () => {
    const all = await withLost();
    for (let confirmed = 0; confirmed < 2; confirmed += 1) await all.deployment.confirm();
    const { places } = await jobsOf(all, all.worker(), log, regionsFor).reconcileAll({}, 60_000);
    expect(places.map(({ region }) => region)).toEqual(['lost-1', 'somewhere-0']);
  });

  it('is told of where the cloud refuses to say, and fails nothing', async () => {
    const all = await withLost();
    const codes: Readonly<Record<string, FailureCode>> = {
      'lost-1': 'PERMISSION_DENIED',
      'empty-1': 'CLOUD_UNREACHABLE',
      'no-such-1': 'REGION_UNKNOWN',
    };
    const { ports } = looked(all, (region) => codes[region]);
    const { places, failed, unasked } = await jobsOf(all, ports, log, regionsFor).reconcileAll({}, 60_000);
    expect(places.map(({ region }) => region)).toEqual(['somewhere-0']);
    expect(failed).toEqual([]);
    const here = { provider: 'ecs', account: 'default' };
    expect(unasked).toEqual([
      { ...here, region: 'empty-1', code: 'CLOUD_UNREACHABLE' },
      { ...here, region: 'lost-1', code: 'PERMISSION_DENIED' },
    ]);
  });

  it('is none for an access key that may not list regions, and what is on record is compared all the same', async () => {
    const all = await withLost();
    const denied = () => Promise.reject(new VendingError('PERMISSION_DENIED', 'It is set so'));
    const { places, failed, unasked } = await jobsOf(all, all.worker(), log, denied).reconcileAll({}, 60_000);
    expect(places.map(({ region }) => region)).toEqual(['somewhere-0']);
    expect([failed, unasked]).toEqual([[], [{ provider: 'ecs', account: 'default', code: 'PERMISSION_DENIED' }]]);
  });

  it('is asked for within what was asked for', async () => {
    const all = await withLost();
    const asked: object[] = [];
    const watched: RegionsFor = async (account) => {
      asked.push(account);
      return regionsFor();
    };
    const of = (wanted: object) => jobsOf(all, all.worker(), log, watched).reconcileAll(wanted, 60_000);
    expect((await of({ region: 'lost-1' })).places.map(({ region }) => region)).toEqual(['lost-1']);
    expect((await of({ provider: 'cvm' })).places).toEqual([]);
    expect((await of({ account: 'second' })).places).toEqual([]);
    expect(asked).toEqual([{ provider: 'ecs', account: 'default' }]);
  });

  it('is not passed over where there was no time for its turn', async () => {
    const all = await withLost();
    const busy = { settings: { ...all.worker().settings, callsPerSecond: { ecs: 2 } } };
    let told: boolean | undefined;
    const seen: string[] = [];
    // The turn of each is a second away, and there is half of one.
    for (let run = 0; run < 12 && !seen.includes('lost-1'); run += 1) {
      const ports = { ...all.worker(), ...busy };
      await ports.ledger.tryAcquire(
        `ecs/default/pairs/${Math.floor(all.clock.wallMs() / 1_000)}`,
        1,
        all.clock.wallMs() + 60_000,
      );
      const { places, more } = await jobsOf(all, ports, log, async () => ['lost-1']).reconcileAll({}, 10_500);
      told ??= more;
      seen.push(...places.map(({ region }) => region));
      all.clock.advance(700);
    }
    expect(told).toBe(true);
    expect(seen).toContain('lost-1');
  });

  it('has its turn within a few runs, however little time each has', async () => {
    const all = await withLost();
    const seen: string[] = [];
    for (let run = 0; run < 5; run += 1) {
      const slow = all.worker({ after: (_, call) => call === 'cloud.list' && all.clock.advance(30_000) });
      const { places } = await jobsOf(all, slow, log, regionsFor).reconcileAll({}, 50_000);
      seen.push(...places.map(({ region }) => region));
    }
    expect(seen).toContain('lost-1');
  });
});

describe('recovering', () => {
  it('says whose attempt it failed to settle', async () => {
    const all = world('ecs');
    const deadline = deadlineIn(all.clock, 29_000);
    const dies = all.worker(diesAfter('cloud.create'));
    await vend(dies, { identity: all.identity, request: {}, caller: 'portal', deadline }).catch(() => {});
    all.clock.advance(96_000);
    const unreachable = new VendingError('CLOUD_UNREACHABLE', 'It is set so');
    const down = all.worker({
      before(_, call) {
        if (call.startsWith('cloud.')) throw unreachable;
      },
    });
    const failed: unknown[] = [];
    await jobsOf(all, down, { ...log, failed: (...given) => void failed.push(given) }).settleDue(60_000);
    expect(failed).toEqual([[unreachable, all.identity]]);
  });

  it('says whose name something has that is not ours', async () => {
    const all = world('ecs');
    const deadline = deadlineIn(all.clock, 29_000);
    const lost = all.worker(diesAfter('cloud.create'));
    await vend(lost, { identity: all.identity, request: {}, caller: 'portal', deadline }).catch(() => {});
    all.cloud.pairs.length = 0;
    all.cloud.create({ region: all.identity.region, name: all.identity.name }, STRANGER);
    const warned: object[] = [];
    const warn = (message: string, fields: object) => void warned.push({ message, ...fields });
    for (let minute = 0; minute < 5; minute += 1) {
      all.clock.advance(60_000);
      await jobsOf(all, all.worker(), { ...log, warn }).settleDue(60_000);
    }
    expect(warned[0]).toEqual({ message: 'conflict', ...all.identity });
  });

  it('says each time how much was open, so that what is over is not shown for ever, and logs nothing of nothing', async () => {
    const all = world('ecs');
    const deadline = deadlineIn(all.clock, 29_000);
    const dies = all.worker(diesAfter('cloud.create'));
    await vend(dies, { identity: all.identity, request: {}, caller: 'portal', deadline }).catch(() => {});
    const said: { settled: number }[] = [];
    const logged: string[] = [];
    const figures = (_: string, one: object) => void said.push(one as { settled: number });
    for (let minute = 0; minute < 60; minute += 1) {
      all.clock.advance(60_000);
      await jobsOf(all, all.worker(), { ...log, figures, info: (message) => void logged.push(message) }).settleDue(
        60_000,
      );
    }
    expect(said).toHaveLength(60);
    expect(said.some(({ settled }) => settled > 0)).toBe(true);
    expect(Object.values(said.at(-1)!).filter(Boolean)).toEqual([]);
    expect(logged.length).toBeLessThan(60);
  });
});

describe('counting', () => {
  const quotas = { ens: 0, ecs: 500, cvm: 0 };

  it('comes to every place within a few runs, though some clouds take all the time that there is', async () => {
    const all = await vended(9, 1, { quotas });
    const seen = new Set<string>();
    for (let run = 0; run < 6; run += 1) {
      const slow = all.worker({ after: (_, call) => call === 'cloud.count' && all.clock.advance(30_000) });
      const counted = await jobsOf(all, slow).countAll(70_000);
      expect(counted.length).toBeLessThan(9);
      for (const { region } of counted) seen.add(region);
    }
    expect(seen.size).toBe(9);
  });

  it('asks a cloud that takes so many calls a second for no more, and those without a quota for nothing', async () => {
    const all = await vended(5, 1, { quotas, callsPerSecond: { ecs: 2 } });
    const seconds: number[] = [];
    const watched = all.worker({
      before: (_, call) => call === 'cloud.count' && void seconds.push(Math.floor(all.clock.wallMs() / 1_000)),
    });
    expect(await jobsOf(all, watched).countAll(70_000)).toHaveLength(5);
    // One of two a second is left to those who are waited for; what has its turn may be asked when another's wait is over.
    expect(new Set(seconds).size).toBeGreaterThanOrEqual(4);
    const none = await vended(2, 1);
    expect(await jobsOf(none, none.worker()).countAll(70_000)).toEqual([]);
  });
});
