// The adapters as they ship, against the local clouds: one server for a test file, emptied before each test.
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { rowOf } from '../../lib/provider-table.ts';
import { type Connect, connectionOf } from '../../lib/providers/connect.ts';
import type { KeyPairProvider, NewPair } from '../../lib/providers/provider.ts';
import { publicKeyLine } from '../../lib/ssh/public-key.ts';
import { createTransport } from '../../lib/transport/transport.ts';
import type { Transport } from '../../lib/transport/wire.ts';
import { type Clouds, startClouds } from '../../local/clouds/clouds.ts';
import type { Fault } from '../../local/clouds/faults/fault.ts';
import type { ServiceName } from '../../local/clouds/state/registry.ts';
import { type TestClock, testClock } from '../doubles/test-clock.ts';
import type { Harness, Trouble } from './key-pair-provider.ts';

const faults: Record<Trouble, Fault> = {
  'a connection dropped before the action': { kind: 'drop', when: 'before-commit' },
  'a connection dropped after the action': { kind: 'drop', when: 'after-commit' },
  'HTML with a 5xx status before the action': { kind: 'server-error', status: 503, when: 'before-commit' },
  'HTML with a 5xx status after the action': { kind: 'server-error', when: 'after-commit' },
  'no answer at all': { kind: 'stall', when: 'before-commit' },
  'an empty answer': { kind: 'empty-body' },
  'a truncated answer': { kind: 'truncated', how: 'length' },
  'half an answer of the right length': { kind: 'truncated', how: 'json' },
  'an answer that is not JSON': { kind: 'malformed-json' },
  'an endless answer': { kind: 'oversized' },
};
const actions = {
  create: 'CreateKeyPair',
  import: 'ImportKeyPair',
  describe: 'DescribeKeyPairs',
  delete: 'DeleteKeyPairs',
} as const;

/** What a request needs besides its name, and where it goes. */
const places: Record<ServiceName, Omit<NewPair, 'name'>> = {
  ens: { region: 'global' },
  ecs: { region: 'cn-hangzhou', tags: { team: 'platform', 'Bär 東京': "!'()*~ +/=" } },
  cvm: { region: 'ap-tokyo', projectId: 0, tags: { team: 'platform' } },
};

export interface LocalHarness extends Harness {
  readonly clouds: Clouds;
  readonly clock: TestClock;
  /** The same adapter with other credentials. */
  as(credentials: Pick<Clouds['credentials'], 'alibaba' | 'tencent'>): KeyPairProvider;
  fault(action: keyof typeof actions, fault: Fault): void;
}

/** What the adapters are made from; the bundles' own tests give what esbuild made of it. */
export interface Shipped {
  readonly connectionOf: typeof connectionOf;
  readonly createTransport: typeof createTransport;
}

/** Registers the server's start and end with the test file. @returns what starts a test: an empty cloud */
export function localCloud(
  name: ServiceName,
  shipped: Shipped = { connectionOf, createTransport },
): () => Promise<LocalHarness> {
  const clock = testClock();
  let clouds: Clouds;
  let transport: Transport;
  let connect: Connect;
  beforeAll(async () => {
    connect = await shipped.connectionOf(name);
    clouds = await startClouds({ clock });
    transport = shipped.createTransport({ clock, ca: clouds.ca });
  });
  afterAll(async () => {
    transport.close();
    await clouds.close();
  });

  return async () => {
    await clouds.admin.reset();
    clouds.admin.setLimits({ 'cvm.requestsPerSecond': 100_000 });
    const { region } = places[name];
    const line = publicKeyLine(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
    const pairs = () => clouds.admin.pairs(name);
    /** Over TLS, with the credentials as the clouds print them and as they are stored for an account. */
    const adapter = (credentials: Pick<Clouds['credentials'], 'alibaba' | 'tencent'>) =>
      connect({ ...credentials[rowOf(name).credentials] }, { transport, endpoint: clouds.tlsEndpoint })!.provider;
    const fault = (action: keyof typeof actions, how: Fault) =>
      void clouds.admin.addFault({ match: { service: name, action: actions[action] }, fault: how });
    return {
      clouds,
      clock,
      provider: adapter(clouds.credentials),
      as: adapter,
      region,
      pair: (pairName) => ({ ...places[name], name: pairName }),
      publicKey: () => publicKeyLine(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey),
      fault,
      trouble: (action, trouble) => fault(action, faults[trouble]),
      throttle: (action, retryAfterMs) => fault(action, { kind: 'throttle', retryAfterMs }),
      stranger: (pairName) => clouds.admin.addStranger({ service: name, region, name: pairName, publicKey: line }),
      async vanish(pairName) {
        const pair = pairs().find((other) => other.name === pairName);
        if (pair !== undefined) await clouds.admin.removeDirectly(pair.id);
      },
      names: () => pairs().map((pair) => pair.name),
      calls: (action) => clouds.admin.requests().filter((request) => request.action === actions[action]).length,
      advance: (ms) => clock.advance(ms),
      cloudNow: () => clock.wallMs(),
    };
  };
}
