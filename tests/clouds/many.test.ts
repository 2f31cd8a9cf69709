// A thousand creates in a row: no error, no key twice, and memory that does not grow with them.
import { Agent } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { KeySource } from '../../local/clouds/keys/key-source.ts';
import { call, createCall, type ServiceName } from './support/raw.ts';
import { started } from './support/started.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heapInUse = (): number => {
  collect();
  return process.memoryUsage().heapUsed;
};

describe('a thousand creates in a row', () => {
  it('all succeed, with a thousand keys and flat memory', async () => {
    const limits = { 'ens.keyPairs': 10_000, 'ecs.keyPairsPerRegion': 10_000, 'cvm.keyPairs': 10_000 };
    const clouds = await started({ limits, keys: new KeySource({ ready: 0, combinations: 20 }) });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const services: ServiceName[] = ['ens', 'ecs', 'cvm'];
    const codes = new Set<string>();
    let half = 0;
    for (let n = 0; n < 1000; n += 1) {
      const service = services[n % 3]!;
      codes.add((await call(clouds, service, 'CreateKeyPair', createCall(service, `key${n}`), { agent })).code);
      if (n === 499) half = heapInUse();
    }
    const grown = heapInUse() - half;
    agent.destroy();

    expect([...codes]).toEqual(['']);
    const pairs = clouds.admin.pairs();
    expect(new Set(pairs.map(({ publicKey }) => publicKey)).size).toBe(1000);
    expect(new Set(pairs.map(({ id }) => id)).size).toBe(1000);
    // What is kept of 500 pairs is public: some 2 KB each with log and nonce.
    // Their private keys alone would be another 850 KB.
    expect(grown).toBeLessThan(500 * 5 * 1024);
    expect(clouds.admin.requests().at(-1)).toMatchObject({ connection: 1, reused: true });
  });
});
