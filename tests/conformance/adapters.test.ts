// What each adapter does by itself, before or around its cloud.
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { cvmProvider } from '../../lib/providers/cvm/adapter.ts';
import { ecsProvider } from '../../lib/providers/ecs/adapter.ts';
import { ensProvider } from '../../lib/providers/ens/adapter.ts';
import type { NewPair } from '../../lib/providers/provider.ts';
import { Secret } from '../../lib/secret.ts';
import { createTransport } from '../../lib/transport/transport.ts';
import { type ServiceName, serviceNames } from '../../local/clouds/state/registry.ts';
import { failureOf } from './key-pair-provider.ts';
import { localCloud } from './local-clouds.ts';

const call = { timeoutMs: 10_000 };
const starts = { ens: localCloud('ens'), ecs: localCloud('ecs'), cvm: localCloud('cvm') };

describe('a request that cannot be sent as it was meant', () => {
  it.each<[ServiceName, string, Partial<NewPair>]>([
    ['ecs', 'INVALID_REQUEST', { region: 'evil.example/' }],
    ['ecs', 'INVALID_REQUEST', { region: 'cn-hangzhou.aliyuncs.com#' }],
    ['cvm', 'INVALID_REQUEST', { region: 'ap-tokyo\r\nX-TC-Token: x' }],
    ['ecs', 'TAGS_REFUSED', { tags: { team: '\ud800' } }],
    ['cvm', 'TAGS_REFUSED', { tags: { '\udfff': 'platform' } }],
  ])('is refused by %s with %s, and nothing is sent: %j', async (name, code, over) => {
    const { provider, pair, clouds } = await starts[name]();
    const failure = await failureOf(provider.create({ ...pair('web_1'), ...over }, call));
    expect(failure).toMatchObject({ code, effect: 'none' });
    expect(clouds.admin.requests()).toEqual([]);
    const value = over.region ?? '';
    if (value !== '') expect(failure.message).not.toContain(value);
  });

  it.each<[ServiceName, Partial<NewPair>]>([
    ['ens', { tags: {} }],
    ['ens', { projectId: 0 }],
    ['ens', { resourceGroupId: 'rg-1' }],
    ['ecs', { projectId: 0 }],
    ['cvm', { resourceGroupId: 'rg-1' }],
  ])('is rejected by %s, which does not silently drop %o', async (name, over) => {
    const { provider, pair, clouds } = await starts[name]();
    expect(await failureOf(provider.create({ ...pair('web_1'), ...over }, call))).toBeInstanceOf(TypeError);
    expect(clouds.admin.requests()).toEqual([]);
  });

  it('is rejected by cvm, which takes no default for the project', async () => {
    const { provider, clouds } = await starts.cvm();
    const failure = await failureOf(provider.create({ region: 'ap-tokyo', name: 'web_1' }, call));
    expect(failure).toBeInstanceOf(TypeError);
    expect(clouds.admin.requests()).toEqual([]);
  });
});

describe.each(serviceNames)('the %s adapter', (name) => {
  it('knows that nothing was sent when the request could not be made, whatever the reason', async () => {
    const { clouds, pair, clock } = await starts[name]();
    const options = { transport: createTransport({ clock }), endpoint: clouds.endpoint };
    const secret = new Secret('p4ssw0rd');
    for (const id of [() => 'a header\ncannot hold this', () => Promise.reject(new Error('p4ssw0rd'))]) {
      const alibaba = async () => ({ accessKeyId: await id(), accessKeySecret: secret });
      const tencent = async () => ({ secretId: await id(), secretKey: secret });
      const adapters = {
        ens: () => ensProvider({ ...options, credentials: alibaba }),
        ecs: () => ecsProvider({ ...options, credentials: alibaba }),
        cvm: () => cvmProvider({ ...options, credentials: tencent }),
      };
      const failure = await failureOf(adapters[name]().create(pair('web_1'), call));
      expect(failure).toMatchObject({ code: 'INTERNAL', effect: 'none' });
      expect(inspect(failure)).not.toContain('p4ssw0rd');
    }
    options.transport.close();
    expect(clouds.admin.requests()).toEqual([]);
  });

  it('works with temporary credentials, and says so when they have expired or lack their token', async () => {
    const { clouds, pair, as } = await starts[name]();
    const { alibabaSts, alibabaExpired, tencentSts, tencentExpired } = clouds.credentials;
    await as({ alibaba: alibabaSts, tencent: tencentSts }).create(pair('web_1'), call);
    const { securityToken: _a, ...withoutToken } = alibabaSts;
    const { token: _t, ...tokenless } = tencentSts;
    for (const bad of [
      { alibaba: alibabaExpired, tencent: tencentExpired },
      { alibaba: withoutToken, tencent: tokenless },
    ]) {
      const failure = await failureOf(as(bad).create(pair('web_2'), call));
      expect(failure).toMatchObject({ code: 'CREDENTIALS_REFUSED', effect: 'none' });
    }
  });

  it('does not remove a pair that instances use', async () => {
    const { clouds, provider, pair, names, region } = await starts[name]();
    const { id } = await provider.create(pair('web_1'), call);
    await clouds.admin.attach(clouds.admin.pairs(name)[0]!.id);
    const failure = await failureOf(provider.remove({ region, name: 'web_1', id }, call));
    expect(failure).toMatchObject({ code: 'KEY_PAIR_IN_USE' });
    expect(names()).toEqual(['web_1']);
  });

  it('lets one connection carry one call after another', async () => {
    const { clouds, provider, region } = await starts[name]();
    for (let i = 0; i < 5; i += 1) await provider.find({ region, name: 'web_1' }, call);
    expect(new Set(clouds.admin.requests().map(({ connection }) => connection)).size).toBe(1);
  });

  it('shows neither the key nor the secret to anyone who prints the failure', async () => {
    const { provider, pair, trouble, clouds } = await starts[name]();
    trouble('create', 'a truncated answer');
    const failure = await failureOf(provider.create(pair('web_1'), call));
    const shown = `${failure.stack} ${JSON.stringify(failure)} ${String(failure.cause)}`;
    const { alibaba, tencent } = clouds.credentials;
    for (const secret of [alibaba.accessKeySecret, tencent.secretKey, 'Signature', '127.0.0.1']) {
      expect(shown).not.toContain(secret);
    }
  });
});

describe('CVM', () => {
  it('takes ten requests a second, and tells the eleventh to wait', async () => {
    const { provider, clouds, region } = await starts.cvm();
    clouds.admin.setLimits({ 'cvm.requestsPerSecond': 10 });
    for (let i = 0; i < 10; i += 1) await provider.find({ region, name: 'web_1' }, call);
    const failure = await failureOf(provider.find({ region, name: 'web_1' }, call));
    expect(failure).toMatchObject({ code: 'THROTTLED', upstreamCode: 'RequestLimitExceeded', retryAfterMs: 1_000 });
  });

  it('treats names as unique by region or by account, as the cloud does', async () => {
    const { provider, clouds, pair } = await starts.cvm();
    await provider.create(pair('web_1'), call);
    await provider.create({ ...pair('web_1'), region: 'ap-seoul' }, call);
    clouds.admin.setBehaviour({ 'cvm.namesUniquePer': 'account' });
    const failure = await failureOf(provider.create({ ...pair('web_1'), region: 'eu-frankfurt' }, call));
    expect(failure).toMatchObject({ code: 'NAME_TAKEN' });
  });
});

describe('ECS', () => {
  it('puts a pair into a resource group that exists', async () => {
    const { provider, clouds, pair } = await starts.ecs();
    await provider.create({ ...pair('web_1'), resourceGroupId: 'rg-acfmlocalsecond' }, call);
    expect(clouds.admin.pairs('ecs')[0]).toMatchObject({ resourceGroupId: 'rg-acfmlocalsecond' });
  });

  it('passes on how long Alibaba asks to wait', async () => {
    const { provider, pair, throttle } = await starts.ecs();
    throttle('create', 2_345);
    const failure = await failureOf(provider.create(pair('web_1'), call));
    expect(failure).toMatchObject({ code: 'THROTTLED', retryAfterMs: 2_345 });
  });
});
