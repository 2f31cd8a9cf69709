// What our adapters send, compared with what the unmodified official SDKs send for the same call.
import { once } from 'node:events';
import http, { type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import Ecs, * as ecsModels from '@alicloud/ecs20140526';
import openApi, { $OpenApiUtil } from '@alicloud/openapi-core';
import { CommonClient } from 'tencentcloud-sdk-nodejs-common';
import tencent from 'tencentcloud-sdk-nodejs-cvm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/clock.ts';
import { cvmProvider } from '../../../lib/providers/cvm/adapter.ts';
import { connectRegions as cvmRegions } from '../../../lib/providers/cvm/connect-regions.ts';
import { ecsProvider } from '../../../lib/providers/ecs/adapter.ts';
import { connectRegions as ecsRegions } from '../../../lib/providers/ecs/connect-regions.ts';
import { ecsEndpoint } from '../../../lib/providers/ecs/endpoint.ts';
import { ensProvider } from '../../../lib/providers/ens/adapter.ts';
import { Secret } from '../../../lib/secret.ts';
import { createTransport } from '../../../lib/transport/transport.ts';
import type { Transport } from '../../../lib/transport/wire.ts';

interface Recorded {
  method: string | undefined;
  url: URL;
  headers: IncomingHttpHeaders;
  body: string;
}
const recorded: Recorded[] = [];
// An answer that every action of all three clouds takes for a success, or half of one: only the request matters here.
const reply = JSON.stringify({
  RequestId: 'r',
  KeyPairs: { KeyPair: [] },
  TotalCount: 0,
  Response: { RequestId: 'r', KeyPairSet: [], TotalCount: 0 },
});
const recorder = http.createServer(async (request, response) => {
  const { method, headers } = request;
  const body = Buffer.concat(await request.toArray()).toString();
  recorded.push({ method, url: new URL(request.url ?? '', 'http://x'), headers, body });
  response.setHeader('content-type', 'application/json').end(reply);
});
const transport = createTransport({ clock: systemClock });
let host = '';
beforeAll(async () => {
  recorder.listen(0, '127.0.0.1');
  await once(recorder, 'listening');
  host = `127.0.0.1:${(recorder.address() as AddressInfo).port}`;
});
afterAll(() => {
  transport.close();
  recorder.closeAllConnections();
  recorder.close();
});

/** The last request that `act` caused; what it made of the answer does not matter. */
async function requestOf(act: () => Promise<unknown>): Promise<Recorded> {
  await act().catch(() => {});
  return recorded.splice(0).at(-1)!;
}

const call = { timeoutMs: 5_000 };
const alibabaKey = { accessKeyId: 'an-id', accessKeySecret: 'a-secret', securityToken: 'a-token' };
const alibaba = () => ({
  transport,
  endpoint: `http://${host}`,
  credentials: async () => ({
    accessKeyId: alibabaKey.accessKeyId,
    accessKeySecret: new Secret(alibabaKey.accessKeySecret),
    securityToken: new Secret(alibabaKey.securityToken),
  }),
});
const config = () =>
  new $OpenApiUtil.Config({ ...alibabaKey, regionId: 'cn-hangzhou', endpoint: host, protocol: 'http' });
const awkward = { "owner!'()*~": 'a b+c/d=e&f?g', 'Bär 東京': '100 %', empty: '' };
const tag = Object.entries(awkward).map(([key, value]) => ({ key, value }));
const publicKey = 'ssh-rsa AAAAB3NzaC1yc2E= somebody';

/** Everything that means something to the service; the nonce, the date and the signature over them differ by nature. */
const alibabaWords = ({ method, url, headers, body }: Recorded) => ({
  method,
  path: url.pathname,
  query: Object.fromEntries(url.searchParams),
  body,
  headers: Object.fromEntries(
    ['host', 'x-acs-action', 'x-acs-version', 'x-acs-content-sha256', 'x-acs-accesskey-id', 'x-acs-security-token'].map(
      (name) => [name, headers[name]],
    ),
  ),
});

describe('a request of the ECS adapter', () => {
  const place = { region: 'cn-hangzhou', name: 'web:prod_1-a' };
  const ecs = () => ecsProvider(alibaba());
  const sdk = () => new Ecs.default(config());
  it.each([
    [
      'create',
      () => ecs().create({ ...place, tags: awkward, resourceGroupId: 'rg-1' }, call),
      () =>
        sdk().createKeyPair(
          new ecsModels.CreateKeyPairRequest({
            regionId: place.region,
            keyPairName: place.name,
            resourceGroupId: 'rg-1',
            tag: tag.map((row) => new ecsModels.CreateKeyPairRequestTag(row)),
          }),
        ),
    ],
    [
      'import',
      () => ecs().import({ ...place, publicKey }, call),
      () =>
        sdk().importKeyPair(
          new ecsModels.ImportKeyPairRequest({
            regionId: place.region,
            keyPairName: place.name,
            publicKeyBody: publicKey,
          }),
        ),
    ],
    [
      'find',
      () => ecs().find(place, call),
      () =>
        sdk().describeKeyPairs(
          new ecsModels.DescribeKeyPairsRequest({
            regionId: place.region,
            keyPairName: place.name,
            includePublicKey: true,
            pageNumber: 1,
            pageSize: 50,
          }),
        ),
    ],
    [
      'remove',
      () => ecs().remove(place, call),
      () =>
        sdk().deleteKeyPairs(
          new ecsModels.DeleteKeyPairsRequest({ regionId: place.region, keyPairNames: `["${place.name}"]` }),
        ),
    ],
    [
      'its regions',
      () => ecsRegions(alibabaKey, { transport, endpoint: `http://${host}` })!(call),
      () => sdk().describeRegions(new ecsModels.DescribeRegionsRequest({})),
    ],
  ])('is what the official client sends for %s', async (_, ours, theirs) => {
    const [a, b] = [await requestOf(ours), await requestOf(theirs)];
    expect(alibabaWords(a)).toEqual(alibabaWords(b));
  });

  it('goes to the same host for every region that the official client knows, and for one that it does not', () => {
    const regionMap = Object.keys((sdk() as unknown as { _endpointMap: object })._endpointMap);
    const regions = [...regionMap, 'cn-shanghai', 'eu-central-1', 'us-west-1', 'xx-nowhere-9'];
    const theirs = regions.map(
      (regionId) =>
        (new Ecs.default(new $OpenApiUtil.Config({ ...alibabaKey, regionId })) as unknown as { _endpoint: string })
          ._endpoint,
    );
    expect(regions.map(ecsEndpoint)).toEqual(theirs);
    expect(regionMap.length).toBeGreaterThan(30);
  });

  it.each(['constructor', 'toString', '__proto__'])(
    'goes to a host of its own for a region called %s, which every object has a property of',
    (region) => {
      expect(ecsEndpoint(region)).toBe(`ecs.${region}.aliyuncs.com`);
    },
  );
});

describe('a request of the ENS adapter', () => {
  const name = 'edge:prod_1-a';
  const generic = (action: string, query: Record<string, string>) =>
    new openApi.default(config()).callApi(
      new $OpenApiUtil.Params({
        action,
        version: '2017-11-10',
        protocol: 'HTTPS',
        pathname: '/',
        method: 'POST',
        authType: 'AK',
        style: 'RPC',
        reqBodyType: 'formData',
        bodyType: 'json',
      }),
      new $OpenApiUtil.OpenApiRequest({ query }),
      {} as Parameters<InstanceType<typeof openApi.default>['callApi']>[2],
    );
  const ens = () => ensProvider(alibaba());
  const place = { region: 'global', name };
  it.each([
    ['create', () => ens().create(place, call), () => generic('CreateKeyPair', { KeyPairName: name })],
    [
      'import',
      () => ens().import({ ...place, publicKey }, call),
      () => generic('ImportKeyPair', { KeyPairName: name, PublicKeyBody: publicKey }),
    ],
    [
      'find',
      () => ens().find(place, call),
      () => generic('DescribeKeyPairs', { KeyPairName: name, PageNumber: '1', PageSize: '50' }),
    ],
    [
      'remove',
      () => ens().remove({ ...place, id: 'ssh-1' }, call),
      () => generic('DeleteKeyPairs', { KeyPairId: 'ssh-1' }),
    ],
  ])('is what the official generic client sends for %s', async (_, ours, theirs) => {
    const [a, b] = [await requestOf(ours), await requestOf(theirs)];
    expect(alibabaWords(a)).toEqual(alibabaWords(b));
  });
});

describe('a request of the CVM adapter', () => {
  const key = { secretId: 'an-id', secretKey: 'a-secret', token: 'a-token' };
  const options = () => ({
    transport,
    endpoint: `http://${host}`,
    credentials: async () => ({
      secretId: key.secretId,
      secretKey: new Secret(key.secretKey),
      token: new Secret(key.token),
    }),
  });
  const region = 'ap-tokyo';
  const sdk = () =>
    new tencent.cvm.v20170312.Client({
      credential: key,
      region,
      profile: { httpProfile: { endpoint: host, protocol: 'http://' } },
    });
  const words = ({ method, url, headers, body }: Recorded) => ({
    method,
    path: `${url.pathname}${url.search}`,
    body: JSON.parse(body),
    headers: Object.fromEntries(
      ['host', 'content-type', 'x-tc-action', 'x-tc-version', 'x-tc-region', 'x-tc-token'].map((h) => [h, headers[h]]),
    ),
    signed: headers.authorization?.replace(/Signature=.*/, ''),
  });
  const place = { region, name: 'web_prod_1' };
  const TagSpecification = [
    { ResourceType: 'keypair', Tags: tag.map(({ key, value }) => ({ Key: key, Value: value })) },
  ];
  const cvm = () => cvmProvider(options());
  it.each([
    [
      'create',
      () => cvm().create({ ...place, projectId: 7, tags: awkward }, call),
      () => sdk().CreateKeyPair({ KeyName: place.name, ProjectId: 7, TagSpecification }),
    ],
    [
      'import',
      () => cvm().import({ ...place, projectId: 0, publicKey }, call),
      () => sdk().ImportKeyPair({ KeyName: place.name, ProjectId: 0, PublicKey: publicKey }),
    ],
    [
      'find',
      () => cvm().find(place, call),
      () => sdk().DescribeKeyPairs({ Filters: [{ Name: 'key-name', Values: [place.name] }], Offset: 0, Limit: 100 }),
    ],
    [
      'remove',
      () => cvm().remove({ ...place, id: 'skey-mv9yzyjj' }, call),
      () => sdk().DeleteKeyPairs({ KeyIds: ['skey-mv9yzyjj'] }),
    ],
    [
      'its regions',
      () => cvmRegions(key, { transport, regionEndpoint: `http://${host}` })!(call),
      () =>
        new CommonClient('region.tencentcloudapi.com', '2022-06-27', {
          credential: key,
          region: 'ap-guangzhou',
          profile: { httpProfile: { endpoint: host, protocol: 'http://' } },
        }).request('DescribeRegions', { Product: 'cvm' }),
    ],
  ])('is what the official client sends for %s', async (_, ours, theirs) => {
    const [a, b] = [await requestOf(ours), await requestOf(theirs)];
    expect(words(a)).toEqual(words(b));
  });

  it('goes to the official host', async () => {
    const client = new tencent.cvm.v20170312.Client({ credential: key, region }) as unknown as { endpoint: string };
    expect(client.endpoint).toBe('cvm.tencentcloudapi.com');
    const origins: string[] = [];
    const { endpoint: _, ...production } = options();
    const spy: Transport = {
      close() {},
      async send({ origin }) {
        origins.push(origin);
        throw new Error('seen');
      },
    };
    await expect(cvmProvider({ ...production, transport: spy }).find(place, call)).rejects.toMatchObject({
      code: 'INTERNAL',
      effect: 'none',
    });
    expect(origins).toEqual([`https://${client.endpoint}`]);
  });
});
