// The unmodified official SDKs against the local clouds: every client, every signature.
import { generateKeyPairSync } from 'node:crypto';
import Ecs from '@alicloud/ecs20140526';
import { describe, expect, it } from 'vitest';
import { publicKeyLine } from '../../lib/ssh/public-key.ts';
import { commonClient, cvmClient, ecsClient, openApiCall, rpcCall, type TencentSigning } from './support/sdks.ts';
import { started } from './support/started.ts';

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const line = publicKeyLine(publicKey, 'me@here');
const regionId = 'cn-hangzhou';

describe.each([
  ['ACS3', undefined],
  ['RPC v1', 'v2'],
] as const)('the ECS SDK, signing %s', (_name, algorithm) => {
  it('creates, finds and deletes a key pair, tags in any script included', async () => {
    const clouds = await started();
    const ecs = ecsClient(clouds, clouds.credentials.alibaba, algorithm);
    const tag = [new Ecs.CreateKeyPairRequestTag({ key: 'キー (1)*', value: "a+b ~!'é/" })];

    const created = (await ecs.createKeyPair(new Ecs.CreateKeyPairRequest({ regionId, keyPairName: 'web', tag }))).body;
    expect(created).toMatchObject({ keyPairName: 'web', keyPairId: expect.stringMatching(/^ssh-bp/) });
    expect(created?.privateKeyBody).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    expect(created?.requestId).toMatch(/^[0-9A-F-]{36}$/);

    const query = new Ecs.DescribeKeyPairsRequest({ regionId, keyPairName: 'w*', includePublicKey: true });
    const [pair] = (await ecs.describeKeyPairs(query)).body?.keyPairs?.keyPair ?? [];
    expect(pair?.keyPairFingerPrint).toBe(created?.keyPairFingerPrint);
    expect(pair?.publicKey).toMatch(/^ssh-rsa /);
    expect(pair?.tags?.tag).toMatchObject([{ tagKey: 'キー (1)*', tagValue: "a+b ~!'é/" }]);

    await ecs.deleteKeyPairs(new Ecs.DeleteKeyPairsRequest({ regionId, keyPairNames: '["web"]' }));
    expect(clouds.admin.pairs()).toEqual([]);
  });

  it('imports a public key', async () => {
    const clouds = await started();
    const ecs = ecsClient(clouds, clouds.credentials.alibaba, algorithm);
    const request = new Ecs.ImportKeyPairRequest({ regionId, keyPairName: 'mine', publicKeyBody: line });
    expect((await ecs.importKeyPair(request)).body).toMatchObject({ keyPairName: 'mine' });
    expect(clouds.admin.pairs()).toMatchObject([{ origin: 'imported', publicKey: publicKeyLine(publicKey) }]);
  });
});

describe.each([
  ['openapi-core, parameters in the query', openApiCall, false],
  ['openapi-core, parameters in a form', openApiCall, true],
  ['rpc-client, parameters in the query', rpcCall, false],
  ['rpc-client, parameters in a form', rpcCall, true],
] as const)('ENS through %s', (_name, client, form) => {
  it('creates, finds, imports and deletes key pairs', async () => {
    const clouds = await started();
    const ens = client(clouds, clouds.credentials.alibaba);
    const call = (action: string, fields: Record<string, string>) =>
      form ? ens(action, {}, fields) : ens(action, fields);

    const created = await call('CreateKeyPair', { KeyPairName: 'edge:1' });
    expect(Object.keys(created).sort()).toEqual([
      'KeyPairFingerPrint',
      'KeyPairId',
      'KeyPairName',
      'PrivateKeyBody',
      'RequestId',
    ]);
    expect(Object.keys(await call('ImportKeyPair', { KeyPairName: 'mine', PublicKeyBody: line })).sort()).toEqual([
      'KeyPairFingerPrint',
      'KeyPairName',
      'RequestId',
    ]);
    expect(await call('DescribeKeyPairs', { KeyPairName: 'edge:1', PageSize: '5' })).toMatchObject({
      KeyPairs: { KeyPair: [{ KeyPairId: created.KeyPairId, KeyPairFingerPrint: created.KeyPairFingerPrint }] },
      PageNumber: 1,
      PageSize: 5,
      TotalCount: 1,
    });
    await call('DeleteKeyPairs', { KeyPairName: 'edge:1' });
    expect(clouds.admin.pairs().map(({ name }) => name)).toEqual(['mine']);
  });
});

const signings: TencentSigning[] = ['TC3-HMAC-SHA256', 'HmacSHA256', 'HmacSHA1'];
describe.each(
  signings.flatMap((signMethod) => (['POST', 'GET'] as const).map((reqMethod) => ({ signMethod, reqMethod }))),
)('the CVM SDK, signing $signMethod, $reqMethod', (how) => {
  it('creates, finds, imports and deletes key pairs', async () => {
    const clouds = await started();
    const cvm = cvmClient(clouds, clouds.credentials.tencent, how);
    const TagSpecification = [{ ResourceType: 'keypair', Tags: [{ Key: '团队', Value: 'a b+c' }] }];

    const { KeyPair } = await cvm.CreateKeyPair({ KeyName: 'web_1', ProjectId: 1001, TagSpecification });
    expect(KeyPair).toMatchObject({ KeyName: 'web_1', ProjectId: 1001, KeyId: expect.stringMatching(/^skey-\w{8}$/) });
    expect(KeyPair?.PublicKey).toMatch(/^ssh-rsa \S+ skey_\d+$/);
    const imported = await cvm.ImportKeyPair({ KeyName: 'mine', ProjectId: 0, PublicKey: line });
    expect(imported.KeyId).toMatch(/^skey-\w{8}$/);

    const found = await cvm.DescribeKeyPairs({ Filters: [{ Name: 'tag:团队', Values: ['a b+c'] }], Limit: 1 });
    expect(found).toMatchObject({
      TotalCount: 1,
      KeyPairSet: [{ KeyId: KeyPair?.KeyId, PublicKey: KeyPair?.PublicKey, Tags: [{ Key: '团队', Value: 'a b+c' }] }],
    });
    await cvm.DeleteKeyPairs({ KeyIds: [KeyPair?.KeyId ?? '', imported.KeyId ?? ''] });
    expect(clouds.admin.pairs()).toEqual([]);
  });
});

describe('the regions of an account', () => {
  it('are told by ECS and by the service that lists them for CVM', async () => {
    const clouds = await started();
    const ecs = ecsClient(clouds, clouds.credentials.alibaba);
    const { body } = await ecs.describeRegions(new Ecs.DescribeRegionsRequest({}));
    const listed = body?.regions?.region?.map(({ regionId }) => regionId);
    expect(listed).toEqual(expect.arrayContaining(['cn-hangzhou', 'eu-central-1']));

    const region = commonClient(clouds, clouds.credentials.tencent, 'region');
    const { RegionSet, TotalCount } = await region.request('DescribeRegions', { Product: 'cvm' });
    expect(RegionSet).toContainEqual(expect.objectContaining({ Region: 'ap-tokyo', RegionState: 'AVAILABLE' }));
    expect(RegionSet).toHaveLength(TotalCount);
    await expect(region.request('DescribeRegions', {})).rejects.toMatchObject({ code: 'MissingParameter' });
    const unpermitted = commonClient(clouds, clouds.credentials.tencentUnpermitted, 'region');
    await expect(unpermitted.request('DescribeRegions', { Product: 'cvm' })).rejects.toMatchObject({
      code: 'UnauthorizedOperation',
    });
  });
});

describe('whose an access key is', () => {
  const alibaba = '1000000000000001';

  it.each(['alibaba', 'alibabaSts', 'alibabaUnpermitted'] as const)('is told to %s by STS of Alibaba', async (name) => {
    const clouds = await started();
    const identity = await rpcCall(clouds, clouds.credentials[name], '2015-04-01')('GetCallerIdentity', {});
    expect(identity).toMatchObject({ AccountId: alibaba, Arn: expect.stringContaining(alibaba) });
  });

  it.each(['tencent', 'tencentSts', 'tencentUnpermitted'] as const)('is told to %s by STS of Tencent', async (name) => {
    const clouds = await started();
    const identity = await commonClient(clouds, clouds.credentials[name], 'sts').request('GetCallerIdentity', {});
    expect(identity).toMatchObject({ AccountId: '100000000001', Type: name === 'tencentSts' ? 'CAMRole' : 'CAMUser' });
  });

  it('is not told to whoever cannot sign', async () => {
    const clouds = await started();
    const { alibaba: key, tencent, alibabaExpired, tencentInactive } = clouds.credentials;
    const asking = [
      rpcCall(clouds, { ...key, accessKeySecret: 'wrong' }, '2015-04-01')('GetCallerIdentity', {}),
      rpcCall(clouds, alibabaExpired, '2015-04-01')('GetCallerIdentity', {}),
      commonClient(clouds, { ...tencent, secretKey: 'wrong' }, 'sts').request('GetCallerIdentity', {}),
      commonClient(clouds, tencentInactive, 'sts').request('GetCallerIdentity', {}),
    ];
    const outcomes = await Promise.allSettled(asking);
    expect(outcomes.map(({ status }) => status)).toEqual(asking.map(() => 'rejected'));
  });
});
