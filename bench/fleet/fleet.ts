// A fleet as it is on record after a while, and what its schedules and listings cost. Loaded from whichever commit is measured.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Connections, Runtime } from '../../lib/application/runtime.ts';
import { DAY_MS } from '../../lib/clock.ts';
import { VendingError } from '../../lib/errors.ts';
import type { Identity } from '../../lib/identity.ts';
import { pagesOf } from '../../lib/pages.ts';
import { type ProviderName, providerNames } from '../../lib/provider-table.ts';
import type { KeyPairProvider } from '../../lib/providers/provider.ts';
import { generateKey } from '../../lib/ssh/generate-key.ts';
import type { Attempt } from '../../lib/vending/attempt.ts';
import type { Ports, Settings } from '../../lib/vending/ports.ts';
import type { KeyPairRecord } from '../../lib/vending/record.ts';
import { VirtualTime } from './virtual-time.ts';

export interface Size {
  readonly pairs: number;
  readonly vacant: number;
  readonly open: number;
  readonly due: number;
  readonly regions: number;
  /** How long a call to a cloud takes. */
  readonly cloudMs: number;
}

export interface Fleet {
  readonly reconcile: { readonly seconds: number; readonly cloudCalls: number; readonly doubtful: number };
  readonly recovery: { readonly minutes: number; readonly throttled: number; readonly left: number };
  readonly counting: { readonly seconds: number; readonly cloudCalls: number };
  readonly rotation: { readonly sent: number; readonly reads: number; readonly mostOnADay: number };
  readonly paging: { readonly first: number; readonly pages: number };
}

/** What pages hold: DescribeKeyPairs of ENS and ECS, and of CVM. */
const PAGE: Readonly<Record<ProviderName, number>> = { ens: 50, ecs: 50, cvm: 100 };
/** Calls of one action a second that CVM takes of an account. */
const CVM_RATE = 10;
const MINUTE_MS = 60_000;

/** The clouds as they are reached: each call takes its time, and is counted. */
class Reached {
  calls = 0;
  throttled = 0;
  readonly #time: VirtualTime;
  readonly #cloudMs: number;
  readonly #seconds = new Map<string, number>();

  constructor(time: VirtualTime, cloudMs: number) {
    this.#time = time;
    this.#cloudMs = cloudMs;
  }

  provider(given: KeyPairProvider): KeyPairProvider {
    const act = async <T>(action: string, pages: (result: T) => number, work: () => Promise<T>): Promise<T> => {
      await this.#one(given.provider, action);
      const result = await work();
      for (let page = 1; page < pages(result); page += 1) await this.#one(given.provider, action);
      return result;
    };
    const single = () => 1;
    return {
      ...given,
      create: (...all) => act('CreateKeyPair', single, () => given.create(...all)),
      find: (...all) => act('DescribeKeyPairs', single, () => given.find(...all)),
      count: (...all) => act('DescribeKeyPairs', single, () => given.count(...all)),
      remove: (...all) => act('DeleteKeyPairs', single, () => given.remove(...all)),
      list: (...all) =>
        act(
          'DescribeKeyPairs',
          ({ pairs }) => Math.ceil(pairs.length / PAGE[given.provider]),
          () => given.list(...all),
        ),
    };
  }

  async #one(provider: ProviderName, action: string): Promise<void> {
    this.calls += 1;
    await this.#time.wait(this.#cloudMs / 2);
    const second = `${provider} ${action} ${Math.floor(this.#time.wallMs() / 1_000)}`;
    const count = (this.#seconds.get(second) ?? 0) + 1;
    this.#seconds.set(second, count);
    await this.#time.wait(this.#cloudMs / 2);
    if (provider !== 'cvm' || count <= CVM_RATE) return;
    this.throttled += 1;
    throw new VendingError('THROTTLED', 'Too many calls of this action', { retryAfterMs: 1_000 });
  }
}

export async function fleet(root: URL, folder: string, size: Size): Promise<Fleet> {
  const from = async <T>(path: string): Promise<T> => (await import(new URL(path, root).href)) as T;
  const { sqliteLedger } = await from<typeof import('../../lib/ledger/sqlite/sqlite-ledger.ts')>(
    'lib/ledger/sqlite/sqlite-ledger.ts',
  );
  const { MemoryCloud, memoryProvider } = await from<typeof import('../../tests/doubles/memory-cloud.ts')>(
    'tests/doubles/memory-cloud.ts',
  );
  const { memoryStore } = await from<typeof import('../../tests/doubles/memory-store.ts')>(
    'tests/doubles/memory-store.ts',
  );
  const { random } = await from<typeof import('../../tests/doubles/random.ts')>('tests/doubles/random.ts');
  const { Deployment } = await from<typeof import('../../lib/vending/deployment.ts')>('lib/vending/deployment.ts');
  const { vend } = await from<typeof import('../../lib/vending/vend.ts')>('lib/vending/vend.ts');
  const { recoveryJobs } = await from<typeof import('../../lib/application/recovery-jobs.ts')>(
    'lib/application/recovery-jobs.ts',
  );
  const { catalog } = await from<typeof import('../../lib/application/catalog-endpoint.ts')>(
    'lib/application/catalog-endpoint.ts',
  );
  const { sendDue } = await from<typeof import('../../lib/vending/rotation/send-due.ts')>(
    'lib/vending/rotation/send-due.ts',
  );
  const { replan } = await from<typeof import('../../lib/vending/rotation/replan.ts')>(
    'lib/vending/rotation/replan.ts',
  );
  const { settings: usual } = await from<typeof import('../../tests/simulation/world.ts')>('tests/simulation/world.ts');

  const time = new VirtualTime();
  const reached = new Reached(time, size.cloudMs);
  const ledger = await sqliteLedger<KeyPairRecord, Attempt>({ path: join(folder, 'ledger.sqlite'), clock: time });
  const store = memoryStore(time.wallMs);
  const settings: Settings = { ...usual, quotas: { ens: 100_000, ecs: 500, cvm: 100_000 }, maxAgeMs: 90 * DAY_MS };
  const clouds = Object.fromEntries(
    providerNames.map((provider, i) => {
      const cloud = new MemoryCloud(provider, random(1), time.wallMs, i);
      const send = <T>(_action: string, _limits: object, act: () => T) => Promise.resolve(act());
      const times = () => ({ askedAtMs: time.wallMs(), sawAtMs: time.wallMs() });
      return [provider, { cloud, adapter: memoryProvider(cloud, { by: 'we', send, times }) }];
    }),
  ) as Record<ProviderName, { cloud: InstanceType<typeof MemoryCloud>; adapter: KeyPairProvider }>;
  const ports: Ports = {
    ...{ ledger, store, settings, clock: time, wait: time.wait, newId: randomUUID, newKey: generateKey },
    deployment: new Deployment('fleet', ledger, time, randomUUID),
    providerFor: async ({ provider }) => ({
      ...reached.provider(clouds[provider].adapter),
      assertAccount: async () => {},
    }),
    publish: async () => {},
    notify: async () => {},
    sendEntries: async () => {},
    actor: { door: 'schedule', who: 'bench' },
  };
  await fill();

  const log = { info: () => {}, warn: () => {}, failed: () => {} };
  const records = { clock: time, log, settings, ledger: async () => ledger, newId: randomUUID };
  const runtime = { ...records, portsFor: async () => ports } as unknown as Runtime;
  const jobs = recoveryJobs(
    runtime,
    {} as Connections,
    () => ({}),
    async ({ provider }) => [...regionsOf(provider), ...Array.from({ length: 20 }, (_, i) => `unused-${i + 1}`)],
  );
  const everything = { placesOf: () => undefined, decide: () => ({}) };
  const listing = catalog({ ...records, access: everything, denials: undefined } as unknown as Parameters<
    typeof catalog
  >[0]);

  const calls = async (work: () => Promise<unknown>) => {
    const before = reached.calls;
    const ms = await time.run(work());
    return { seconds: ms / 1_000, cloudCalls: reached.calls - before };
  };
  let doubtful = 0;
  const reconcile = await calls(async () => {
    const { places } = await jobs.reconcileAll({}, 24 * 3_600_000);
    doubtful = places.reduce(
      (sum, { counts }) => sum + counts['secret-only'] + counts['upstream-only'] + counts.foreign,
      0,
    );
  });
  const counting = await calls(() => jobs.countAll(300_000));
  return {
    reconcile: { ...reconcile, doubtful },
    counting,
    rotation: { ...(await handedOut()), mostOnADay: await mostOnADay() },
    paging: await paged(),
    recovery: await recovered(),
  };

  function regionsOf(provider: ProviderName): readonly string[] {
    return provider === 'ens' ? ['global'] : Array.from({ length: size.regions }, (_, i) => `region-${i + 1}`);
  }

  /** Each region of each provider has its share; what is more than what is active lies in the first one, where it hurts most. */
  async function fill(): Promise<void> {
    const places = providerNames.flatMap((provider) => regionsOf(provider).map((region) => ({ provider, region })));
    for (const provider of providerNames) {
      const sample: Identity = { provider, account: 'default', region: regionsOf(provider)[0]!, name: 'sample' };
      const deadline = { wallMs: time.wallMs() + 29_000, monotonicMs: time.monotonicMs() + 29_000 };
      const request = provider === 'cvm' ? { projectId: 0 } : {};
      await time.run(
        vend(
          { ...ports, settings: { ...settings, callsPerSecond: {} } },
          { identity: sample, request, caller: 'bench', deadline },
        ),
      );
      const { record } = (await ledger.read(sample))!;
      const version = record.versions[0]!;
      const attempt = (await ledger.attempts(sample)).get(version.id)!;
      const key = (await store.reveal(sample, version.id))!;
      const pair = clouds[provider].cloud.pairs.at(-1)!;
      const {
        trail: _,
        announceAtMs: _announced,
        unannounced: _told,
        unlabelled: _labelled,
        rotateAtMs: _due,
        ...plain
      } = record as KeyPairRecord & { agePlan?: unknown };
      const named = async (name: string, region: string, change: (id: string, identity: Identity) => object) => {
        const [id, identity] = [randomUUID(), { ...sample, region, name }];
        await ledger.fileAttempt(identity, id, attempt);
        await ledger.write({ ...plain, identity, ...change(id, identity) } as KeyPairRecord, 0);
        return { id, identity };
      };
      const mine = places.filter((place) => place.provider === provider);
      for (let i = 0; i < Math.floor((size.pairs * mine.length) / places.length); i += 1) {
        const { region } = mine[i % mine.length]!;
        const pairId = `${pair.id}${i}`;
        const { id, identity } = await named(`web_${i}`, region, (id) => ({
          versions: [{ ...version, id, keyPairId: pairId, activatedAtMs: time.wallMs() - 100 * DAY_MS }],
          ...(i < size.due / 3 && { rotateAtMs: time.wallMs() - 1 }),
        }));
        clouds[provider].cloud.pairs.push({ ...pair, id: pairId, region, name: identity.name });
        await store.prepare(identity);
        await store.put(identity, id, key);
      }
      // Names that are over: one that a rotation left for each.
      for (let i = 0; i < size.vacant / 3; i += 1)
        await named(`web_${i}_r2`, sample.region, () => ({
          ...{ state: 'vacant', versions: [], successorOf: `web_${i}`, aside: true },
        }));
      if (provider !== 'cvm') continue;
      for (let i = 0; i < size.open; i += 1)
        await named(`open_${i}`, sample.region, (id) => ({
          ...{ state: 'vending', versions: [], settleAtMs: time.wallMs() - 1 },
          attempt: {
            id,
            createdByMs: time.wallMs() - 30 * MINUTE_MS,
            lease: { holder: id, endsAtMs: time.wallMs() - 10 * MINUTE_MS },
          },
        }));
    }
    time.advance(MINUTE_MS);
  }

  async function recovered(): Promise<Fleet['recovery']> {
    const [began, before] = [time.wallMs(), reached.throttled];
    let left = size.open;
    // Called once a minute, as by its schedule; a call may go on while the next one begins.
    for (let minute = 0; minute < 240 && left > 0; minute += 1) {
      await time.run(jobs.settleDue(300_000));
      const vending = { provider: 'cvm', state: 'vending', limit: 100 } as const;
      left = 0;
      for await (const page of pagesOf((next) => ledger.list({ ...vending, ...next }))) left += page.records.length;
      if (left > 0) await time.run(time.wait(MINUTE_MS));
    }
    return { minutes: (time.wallMs() - began) / MINUTE_MS, throttled: reached.throttled - before, left };
  }

  async function handedOut(): Promise<Pick<Fleet['rotation'], 'sent' | 'reads'>> {
    let reads = 0;
    const read = (identity: Identity) => {
      reads += 1;
      return ledger.read(identity);
    };
    const counted = { ...ledger, read };
    const sent = await sendDue(
      { ...ports, ledger: counted } as unknown as Parameters<typeof sendDue>[0],
      async () => {},
      5_000,
    );
    return { sent, reads };
  }

  /** Once an age is set that all of them have passed. */
  async function mostOnADay(): Promise<number> {
    const spread = { maxAgeDays: 90, ageSpread: 0.25 } as Parameters<typeof replan>[2];
    const days = new Map<number, number>();
    for (const provider of providerNames)
      for (let i = 0; i < (provider === 'ens' ? 1 : size.regions); i += 1)
        await replan(
          ports,
          { provider, account: 'default', region: provider === 'ens' ? 'global' : `region-${i + 1}` },
          spread,
        );
    for await (const { records } of pagesOf((next) => ledger.list({ state: 'active', limit: 100, ...next })))
      for (const { rotateAtMs } of records) {
        if (rotateAtMs === undefined) continue;
        const day = Math.max(0, Math.floor((rotateAtMs - time.wallMs()) / DAY_MS)); // what is overdue begins today
        days.set(day, (days.get(day) ?? 0) + 1);
      }
    return Math.max(...days.values());
  }

  async function paged(): Promise<Fleet['paging']> {
    const sizes: number[] = [];
    const page = async ({ cursor }: { readonly cursor?: string }) => {
      const query = new URLSearchParams({ provider: 'ens', limit: '20', ...(cursor && { cursor }) });
      const request = { method: 'GET', path: '/v1/key-pairs', headers: new Map(), query, body: '' };
      const { body } = await listing.answer({ request, caller: { id: 'bench' } as never, leftMs: 29_000 });
      return body as { keyPairs: readonly object[]; cursor?: string };
    };
    for await (const { keyPairs } of pagesOf(page)) sizes.push(keyPairs.length);
    return { first: Math.min(...sizes.slice(0, 5)), pages: sizes.length };
  }
}
