// A cloud, a store and a ledger in memory, a clock that stands still, and workers that can die between any two steps.
import { randomUUID } from 'node:crypto';
import { type Clock, leftMs } from '../../../lib/clock.ts';
import { VendingError } from '../../../lib/errors.ts';
import type { Identity } from '../../../lib/identity.ts';
import { GLOBAL, isGlobal, type ProviderName } from '../../../lib/provider-table.ts';
import { generateKey } from '../../../lib/ssh/generate-key.ts';
import type { Attempt } from '../../../lib/vending/attempt.ts';
import { Deployment } from '../../../lib/vending/deployment.ts';
import type { Notice } from '../../../lib/vending/notice.ts';
import type { Announcement, Ports, Settings } from '../../../lib/vending/ports.ts';
import type { KeyPairRecord } from '../../../lib/vending/record.ts';
import type { TrailEntry } from '../../../lib/vending/trail-entry.ts';
import type { Script } from '../../doubles/dies-after.ts';
import { MemoryCloud, memoryProvider, type Way } from '../../doubles/memory-cloud.ts';
import { memoryLedger } from '../../doubles/memory-ledger.ts';
import { type Limits, memoryStore } from '../../doubles/memory-store.ts';
import { random } from '../../doubles/random.ts';
import { type TestClock, testClock } from '../../doubles/test-clock.ts';
import { settings as asDeployed } from '../../simulation/world.ts';

const settings: Settings = { ...asDeployed, deployment: 'test' };

let worlds = 0;

/** As the transport does: nothing is signed once the deadline has passed. */
const directly = (clock: TestClock): Way => ({
  by: 'we',
  async send(_action, { signBefore, onSent }, act) {
    if (signBefore && leftMs(clock, signBefore) <= 0) throw new VendingError('DEADLINE_PASSED', 'Too late');
    onSent?.();
    return act();
  },
  times: () => ({ askedAtMs: clock.wallMs(), sawAtMs: clock.wallMs() }),
});

export function world(provider: ProviderName, over: Partial<Settings> = {}) {
  const clock = testClock();
  worlds += 1; // each world has keys of its own
  const cloud = new MemoryCloud(provider, random(1), () => clock.wallMs(), 7 * worlds);
  const adapter = memoryProvider(cloud, directly(clock));
  const ledger = memoryLedger<KeyPairRecord, Attempt>({ clock });
  const storeLimits: Limits = {};
  const store = memoryStore(() => clock.wallMs(), { limits: storeLimits });
  const deployment = new Deployment(settings.deployment, ledger, clock, randomUUID);
  const announced: Announcement[] = [];
  const sent: TrailEntry[] = [];
  const notices: Notice[] = [];
  const identity: Identity = {
    provider,
    account: 'default',
    region: isGlobal(provider) ? GLOBAL : 'somewhere-1',
    name: 'web_1',
  };

  /** A worker's own view of the ports, by its own clock. */
  function worker(script: Script = {}, itsClock: Clock = clock): Ports {
    let step = 0;
    const scripted = <T extends object>(port: T, name: string): T =>
      new Proxy(port, {
        get(target, property) {
          const method = Reflect.get(target, property) as unknown;
          if (typeof method !== 'function') return method;
          return async (...given: unknown[]) => {
            const call = `${name}.${String(property)}`;
            const now = ++step;
            await script.before?.(now, call);
            // Whatever is signed by a clock that stood still is stale for whoever receives it.
            if (clock.wallMs() - itsClock.wallMs() > 5 * 60_000) throw new VendingError('CLOCK_SKEWED', 'Stale');
            const result: unknown = await Reflect.apply(method, target, given);
            await script.after?.(now, call);
            return result;
          };
        },
      });
    const publisher = {
      publish: async (announcement: Announcement) => {
        announced.push(announcement);
      },
      notify: async (_: Identity, notice: Notice) => void notices.push(notice),
    };
    const scriptedAdapter = scripted(adapter, 'cloud');
    const scriptedLedger = scripted(ledger, 'ledger');
    return {
      ledger: scriptedLedger,
      deployment,
      store: scripted(store, 'store'),
      providerFor: async () => ({ ...scriptedAdapter, assertAccount: async () => {} }),
      publish: scripted(publisher, 'events').publish,
      notify: scripted(publisher, 'events').notify,
      actor: { door: 'http', who: 'tester' },
      sendEntries: async (_, entries) => void sent.push(...entries),
      clock: itsClock,
      newId: randomUUID,
      newKey: generateKey,
      wait: async (ms) => clock.advance(ms),
      settings: { ...settings, ...over },
    };
  }

  return { clock, cloud, adapter, ledger, deployment, store, storeLimits, announced, sent, notices, identity, worker };
}
export type World = ReturnType<typeof world>;
