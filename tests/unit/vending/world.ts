// A cloud, a store and a ledger in memory, a clock that stands still, and workers that can die between any two steps.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { type Clock, leftMs } from '../../../lib/clock.ts';
import { VendingError } from '../../../lib/errors.ts';
import type { Identity } from '../../../lib/identity.ts';
import type { FoundPair, KeyPairProvider, ProviderName } from '../../../lib/providers/provider.ts';
import { Secret } from '../../../lib/secret.ts';
import { fingerprints } from '../../../lib/ssh/fingerprint.ts';
import { publicKeyLine } from '../../../lib/ssh/public-key.ts';
import type { CallLimits } from '../../../lib/transport/wire.ts';
import type { Attempt } from '../../../lib/vending/attempt.ts';
import type { Announcement, Ports, Settings } from '../../../lib/vending/ports.ts';
import type { KeyPairRecord } from '../../../lib/vending/record.ts';
import { memoryLedger } from '../../doubles/memory-ledger.ts';
import { memoryStore } from '../../doubles/memory-store.ts';
import { type TestClock, testClock } from '../../doubles/test-clock.ts';
import { settings as asDeployed } from '../../simulation/world.ts';

interface CloudPair extends FoundPair {
  readonly id: string;
  readonly publicKey: string;
}

const settings: Settings = { ...asDeployed, deployment: 'test' };

export class Died extends Error {}

/** A worker that is gone once a call has been carried out: nothing it would do after that happens. */
export function diesAfter(call: string): Script {
  let dead = false;
  const gone = () => {
    if (dead) throw new Died();
  };
  return {
    before: gone,
    after(_step, done) {
      dead ||= done === call;
      gone();
    },
  };
}

/** The services as their pages tell them apart: ENS has no tags, ECS no id but in a create's answer and deletes by name. */
function memoryCloud(provider: ProviderName, clock: TestClock) {
  const pairs: CloudPair[] = [];
  const shown = ({ id, publicKey, tags, ...pair }: CloudPair): FoundPair => ({
    ...pair,
    ...(provider === 'ecs' ? {} : { id }),
    ...(provider === 'ens' ? {} : { publicKey, tags: tags ?? {} }),
  });
  /** As the transport does: nothing is signed once the deadline has passed. */
  const onTime = ({ signBefore }: CallLimits) => {
    if (signBefore && leftMs(clock, signBefore) <= 0) throw new VendingError('DEADLINE_PASSED', 'Too late');
  };
  const adapter: KeyPairProvider = {
    provider,
    hasTags: provider !== 'ens',
    removesBy: provider === 'ecs' ? 'name' : 'id',
    createdAtPrecisionMs: provider === 'ecs' ? 60_000 : 1_000,
    async create({ name, tags }, call) {
      onTime(call);
      if (pairs.some((pair) => pair.name === name))
        throw new VendingError('NAME_TAKEN', 'Taken', { effect: 'unknown' });
      const { publicKey, privateKey } = generateKeyPairSync('ed25519');
      const line = publicKeyLine(publicKey);
      const made = { id: `ssh-${randomUUID()}`, name, fingerprint: fingerprints(line).md5, publicKey: line };
      pairs.push({ ...made, createdAt: new Date(clock.wallMs()), ...(tags === undefined ? {} : { tags }) });
      const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      return { ...made, privateKey: new Secret(pem), cloudTime: new Date(clock.wallMs()) };
    },
    async import() {
      throw new TypeError('not needed here');
    },
    async find({ name }) {
      return { pairs: pairs.filter((pair) => pair.name === name).map(shown), cloudTime: new Date(clock.wallMs()) };
    },
    async list() {
      return { pairs: pairs.map(shown), cloudTime: new Date(clock.wallMs()) };
    },
    async count() {
      return pairs.length;
    },
    async remove({ id, name }, call) {
      onTime(call);
      const at = pairs.findIndex((pair) => (provider === 'ecs' ? pair.name === name : pair.id === id));
      if (at < 0) return 'absent';
      pairs.splice(at, 1);
      return 'removed';
    },
  };
  return { pairs, adapter };
}

/** Hooks around every call a worker makes through its ports, counted from 1: to throw, or to let time and others pass. */
export interface Script {
  before?(step: number, call: string): unknown;
  after?(step: number, call: string): unknown;
}

export function world(provider: ProviderName, over: Partial<Settings> = {}) {
  const clock = testClock();
  const cloud = memoryCloud(provider, clock);
  const ledger = memoryLedger<KeyPairRecord, Attempt>({ clock });
  const store = memoryStore(() => clock.wallMs());
  const announced: Announcement[] = [];
  const identity: Identity = {
    provider,
    account: 'default',
    region: provider === 'ens' ? 'global' : 'somewhere-1',
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
            // Whatever is signed by a clock that stood still is stale for whoever it reaches.
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
    };
    const adapter = scripted(cloud.adapter, 'cloud');
    return {
      ledger: scripted(ledger, 'ledger'),
      store: scripted(store, 'store'),
      providerFor: async () => adapter,
      publish: scripted(publisher, 'events').publish,
      clock: itsClock,
      newId: randomUUID,
      wait: async (ms) => clock.advance(ms),
      settings: { ...settings, ...over },
    };
  }

  return { clock, cloud, ledger, store, announced, identity, worker };
}
export type World = ReturnType<typeof world>;
