// Where the fleet adapters send what they send: auto scaling is a service of its own, on hosts of its own.
import { describe, expect, it } from 'vitest';
import { fleetConnectionOf } from '../../lib/providers/connect-fleet.ts';
import { NoAnswer, type Transport } from '../../lib/transport/wire.ts';
import { failureOf } from './key-pair-provider.ts';

const call = { timeoutMs: 1_000 };
const keys = {
  ens: { accessKeyId: 'id', accessKeySecret: 'secret' },
  ecs: { accessKeyId: 'id', accessKeySecret: 'secret' },
  cvm: { secretId: 'id', secretKey: 'secret' },
} as const;

/** A fleet whose requests lead nowhere, and the origins of those that it tried. */
async function nowhere(name: keyof typeof keys, options: { endpoint?: string; scalingEndpoint?: string } = {}) {
  const origins: string[] = [];
  const transport: Transport = {
    send({ origin }) {
      origins.push(origin);
      return Promise.reject(new NoAnswer('connection', false));
    },
    close: () => undefined,
  };
  const fleet = (await fleetConnectionOf(name))({ ...keys[name] }, { transport, ...options })!;
  return { fleet, origins };
}

describe('without an endpoint of its own, a request goes', () => {
  it.each([
    ['ens', 'global', 'https://ens.aliyuncs.com'],
    ['ecs', 'cn-hangzhou', 'https://ecs-cn-hangzhou.aliyuncs.com'],
    ['ecs', 'ap-southeast-5', 'https://ecs.ap-southeast-5.aliyuncs.com'],
    ['cvm', 'ap-tokyo', 'https://cvm.tencentcloudapi.com'],
  ] as const)('for instances of %s in %s to %s', async (name, region, origin) => {
    const { fleet, origins } = await nowhere(name);
    await failureOf(fleet.instances({ region }, call));
    expect(origins).toEqual([origin]);
  });

  it.each([
    ['ecs', 'cn-hangzhou', 'https://ess.aliyuncs.com'],
    ['ecs', 'ap-southeast-5', 'https://ess.ap-southeast-5.aliyuncs.com'],
    ['cvm', 'ap-tokyo', 'https://as.tencentcloudapi.com'],
  ] as const)('for the configurations of %s in %s to %s', async (name, region, origin) => {
    const { fleet, origins } = await nowhere(name);
    const pair = { region, name: 'web_1', id: 'skey-aaaaaaaa' };
    await failureOf(fleet.references(pair, call, [fleet.referenceKinds[1]!]));
    expect(origins).toEqual([origin]);
  });
});

it('an endpoint of the instances is none of auto scaling', async () => {
  const options = { endpoint: 'https://ecs-vpc.example', scalingEndpoint: 'https://ess-vpc.example' };
  const { fleet, origins } = await nowhere('ecs', options);
  for (const kind of fleet.referenceKinds) {
    await failureOf(fleet.references({ region: 'cn-hangzhou', name: 'web' }, call, [kind]));
  }
  expect(origins).toEqual(Object.values(options));
});

describe.each(['ecs', 'cvm'] as const)('the fleet of %s', (name) => {
  it.each(['evil.example/', 'cn-hangzhou.aliyuncs.com#', 'ap-tokyo\r\nX: y'])(
    'sends nothing to a region like %j',
    async (region) => {
      const { fleet, origins } = await nowhere(name);
      for (const kind of fleet.referenceKinds) {
        const pair = { region, name: 'web_1', id: 'skey-aaaaaaaa' };
        const failure = await failureOf(fleet.references(pair, call, [kind]));
        expect(failure).toMatchObject({ code: 'INVALID_REQUEST', effect: 'none' });
        expect(failure.message).not.toContain(region);
      }
      expect(origins).toEqual([]);
    },
  );
});

it.each(['ens', 'ecs', 'cvm'] as const)('what is no access key connects to no fleet of %s', async (name) => {
  const connect = await fleetConnectionOf(name);
  const transport: Transport = { send: () => Promise.reject(new Error('unused')), close: () => undefined };
  for (const key of [undefined, {}, { accessKeyId: 'id\n', secretId: 'id' }]) {
    expect(connect(key, { transport })).toBeUndefined();
  }
});
