// Which host each cloud's services are asked at, by region. Nothing is sent.
import { describe, expect, it } from 'vitest';
import type { Connect } from '../../../lib/providers/connect.ts';
import type { ConnectFleet } from '../../../lib/providers/connect-fleet.ts';
import { connect as connectCvm } from '../../../lib/providers/cvm/connect.ts';
import { connectFleet as connectCvmFleet } from '../../../lib/providers/cvm/connect-fleet.ts';
import { connectRegions as cvmRegions } from '../../../lib/providers/cvm/connect-regions.ts';
import { connect as connectEns } from '../../../lib/providers/ens/connect.ts';
import { connectFleet as connectEnsFleet } from '../../../lib/providers/ens/connect-fleet.ts';
import type { Transport } from '../../../lib/transport/wire.ts';

const call = { timeoutMs: 1_000 };
const tencent = { secretId: 'AKIDexample', secretKey: 'example' };
const alibaba = { accessKeyId: 'LTAIexample', accessKeySecret: 'example' };

/** What is asked, and for which host it is signed. */
function recorder() {
  const asked: { origin: string; host: string; scope: string; region: string | undefined }[] = [];
  const transport: Transport = {
    send({ origin, sign }) {
      const headers = Object.fromEntries(Object.entries(sign(0)).map(([name, value]) => [name.toLowerCase(), value]));
      const scope = /Credential=[^/]+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
      asked.push({ origin, host: headers.host ?? '', scope, region: headers['x-tc-region'] });
      return Promise.reject(new TypeError('enough'));
    },
    close() {},
  };
  return { transport, asked };
}

type Options = Partial<Parameters<Connect>[1] & Parameters<ConnectFleet>[1]>;

/** Asks for key pairs and instances of CVM, for launch configurations of AS, whose the key is, and which regions there are. */
async function askTencent(region: string, options: Options = {}) {
  const { transport, asked } = recorder();
  const { provider, accessKey } = connectCvm(tencent, { transport, ...options })!;
  const fleet = connectCvmFleet(tencent, { transport, ...options })!;
  const pair = { region, name: 'web', id: 'skey-1' };
  for (const asking of [
    () => provider.find({ region, name: 'web' }, call),
    () => fleet.instances({ region, ids: ['ins-1'] }, call),
    () => fleet.references(pair, call, ['launch-configuration']),
    () => accessKey.account(call),
    () => cvmRegions(tencent, { transport })!(call),
  ])
    await asking().catch(() => {});
  return asked;
}

describe('Tencent Cloud', () => {
  it.each(['ap-shanghai-fsi', 'ap-shenzhen-fsi', 'ap-beijing-fsi', 'ap-newplace-fsi'])(
    'is asked for the financial region %s at hosts of that region, and elsewhere for what has none',
    async (region) => {
      const asked = await askTencent(region);
      expect(asked).toEqual([
        {
          origin: `https://cvm.${region}.tencentcloudapi.com`,
          host: `cvm.${region}.tencentcloudapi.com`,
          scope: 'cvm',
          region,
        },
        {
          origin: `https://cvm.${region}.tencentcloudapi.com`,
          host: `cvm.${region}.tencentcloudapi.com`,
          scope: 'cvm',
          region,
        },
        {
          origin: `https://as.${region}.tencentcloudapi.com`,
          host: `as.${region}.tencentcloudapi.com`,
          scope: 'as',
          region,
        },
        {
          origin: 'https://sts.tencentcloudapi.com',
          host: 'sts.tencentcloudapi.com',
          scope: 'sts',
          region: 'ap-guangzhou',
        },
        {
          origin: 'https://region.tencentcloudapi.com',
          host: 'region.tencentcloudapi.com',
          scope: 'region',
          region: 'ap-guangzhou',
        },
      ]);
    },
  );

  it.each(['ap-shanghai', 'ap-tokyo', 'na-ashburn', 'fsi', 'ap-fsishanghai', 'ap-shanghai-fsi-1'])(
    'is asked for %s at the hosts that lead to the nearest place',
    async (region) => {
      const asked = await askTencent(region);
      expect(asked.slice(0, 3).map(({ origin }) => origin)).toEqual([
        'https://cvm.tencentcloudapi.com',
        'https://cvm.tencentcloudapi.com',
        'https://as.tencentcloudapi.com',
      ]);
    },
  );

  it('is asked at the hosts that are configured, whatever the region', async () => {
    const endpoint = 'https://cvm.intl.example';
    const [pairs, instances, scaling] = await askTencent('ap-shanghai-fsi', {
      endpoint,
      scalingEndpoint: 'https://as.example',
    });
    expect([pairs?.origin, instances?.origin, scaling?.origin]).toEqual([endpoint, endpoint, 'https://as.example']);
  });

  it.each(['evil.example/-fsi', 'x.evil-fsi', 'AP-shanghai-fsi', 'ap shanghai-fsi', 'user@evil-fsi', '-fsi'])(
    'is not asked for a region that would name another host: %s',
    async (region) => {
      const asked = await askTencent(region);
      expect(asked.map(({ scope }) => scope)).toEqual(['sts', 'region']);
    },
  );
});

describe('ENS', () => {
  it('is asked at its one host for the whole world, unless another is configured', async () => {
    const { transport, asked } = recorder();
    for (const endpoint of [undefined, 'https://ens.ap-southeast-1.aliyuncs.com']) {
      const options = { transport, ...(endpoint === undefined ? {} : { endpoint }) };
      await connectEns(alibaba, options)!
        .provider.find({ region: 'global', name: 'web' }, call)
        .catch(() => {});
      await connectEnsFleet(alibaba, options)!
        .instances({ region: 'global', ids: ['i-1'] }, call)
        .catch(() => {});
    }
    const hosts = [
      'ens.aliyuncs.com',
      'ens.aliyuncs.com',
      'ens.ap-southeast-1.aliyuncs.com',
      'ens.ap-southeast-1.aliyuncs.com',
    ];
    expect(asked.map(({ origin, host }) => [origin, host])).toEqual(hosts.map((host) => [`https://${host}`, host]));
  });
});
