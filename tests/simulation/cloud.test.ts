// The simulated clouds keep the contract that the adapters keep: what is proved with them holds for the adapters.
import { generateKeyPairSync } from 'node:crypto';
import { describe } from 'vitest';
import { hasTags, isGlobal, type ProviderName, providerNames, rowOf } from '../../lib/provider-table.ts';
import type { KeyPairProvider, NewPair } from '../../lib/providers/provider.ts';
import { publicKeyLine } from '../../lib/ssh/public-key.ts';
import { type Harness, keyPairProviderContract, type Trouble } from '../conformance/key-pair-provider.ts';
import { MemoryCloud, STRANGER } from '../doubles/memory-cloud.ts';
import { random } from '../doubles/random.ts';
import type { Fault } from './faults.ts';
import { Line } from './line.ts';
import { providerAt } from './ports.ts';
import { Process } from './process.ts';
import { Scheduler } from './scheduler.ts';
import { START_MS } from './world.ts';

/** What is seen of each. On a line without bytes, an unreadable answer is a service that failed after it acted. */
const faults: Record<Trouble, Fault['kind']> = {
  'a connection dropped before the action': 'fails',
  'a connection dropped after the action': 'fails after',
  'HTML with a 5xx status before the action': 'fails',
  'HTML with a 5xx status after the action': 'fails after',
  'no answer at all': 'request lost',
  'an empty answer': 'fails after',
  'a truncated answer': 'fails after',
  'half an answer of the right length': 'fails after',
  'an answer that is not JSON': 'fails after',
  'an endless answer': 'answer lost',
};
const calls = {
  create: 'cloud.create',
  import: 'cloud.import',
  describe: 'cloud.find',
  delete: 'cloud.remove',
} as const;

const placeOf = (provider: ProviderName): Omit<NewPair, 'name'> => ({
  region: isGlobal(provider) ? 'global' : 'somewhere-1',
  ...(rowOf(provider).fields.projectId === 'required' && { projectId: 0 }),
  ...(hasTags(provider) && { tags: { team: 'platform' } }),
});

const start = (name: ProviderName) => async (): Promise<Harness> => {
  const rnd = random(1);
  const next = new Map<string, Fault>();
  const plan = {
    at(_process: string, _step: number, call: string) {
      const fault = next.get(call);
      next.delete(call);
      return fault;
    },
  };
  const scheduler = new Scheduler(rnd, START_MS);
  const line = new Line(scheduler, rnd, plan);
  const cloud = new MemoryCloud(name, rnd, () => scheduler.nowMs);
  const { region } = placeOf(name);
  return {
    provider: driven(scheduler, providerAt(line, new Process('we', scheduler, 0), cloud)),
    region,
    pair: (pairName) => ({ ...placeOf(name), name: pairName }),
    publicKey: () => publicKeyLine(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey),
    trouble: (action, trouble) => void next.set(calls[action], { kind: faults[trouble] } as Fault),
    throttle: (action) => void next.set(calls[action], { kind: 'throttled' }),
    stranger: async (pairName) => cloud.create({ region, name: pairName }, STRANGER),
    async vanish(pairName) {
      const pair = cloud.pairs.find((other) => other.name === pairName);
      if (pair !== undefined) cloud.remove(pair, STRANGER, { askedAtMs: 0, sawAtMs: 0 });
    },
    names: () => cloud.pairs.map((pair) => pair.name),
    calls: (action) => line.sent.get(calls[action]) ?? 0,
    advance(ms) {
      scheduler.nowMs += ms;
    },
    cloudNow: () => scheduler.nowMs,
  };
};

/** A provider whose calls go on by themselves. */
function driven(scheduler: Scheduler, provider: KeyPairProvider): KeyPairProvider {
  const drive = async (work: Promise<unknown>): Promise<unknown> => {
    let over = false;
    const done = () => {
      over = true;
    };
    work.then(done, done);
    while (!over) await scheduler.run(Number.POSITIVE_INFINITY, () => over);
    return work;
  };
  return new Proxy(provider, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => drive(Reflect.apply(value, target, given) as Promise<unknown>);
    },
  });
}

describe.each(providerNames)('the simulated %s', (name) => keyPairProviderContract(start(name)));
