// Alibaba's unmodified SDKs against instances, templates and configurations: what our adapters send and read is what these do.
import Ecs from '@alicloud/ecs20140526';
import { describe, expect, it } from 'vitest';
import type { Clouds } from '../../local/clouds/clouds.ts';
import { ecsClient, openApiCall, rpcCall } from './support/sdks.ts';
import { started } from './support/started.ts';

const regionId = 'cn-hangzhou';
const ecsPlace = { service: 'ecs', region: regionId } as const;

describe.each([
  ['ACS3', undefined],
  ['RPC v1', 'v2'],
] as const)('the ECS SDK, signing %s', (_name, algorithm) => {
  const client = (clouds: Clouds) => ecsClient(clouds, clouds.credentials.alibaba, algorithm);
  const pairIn = (clouds: Clouds, keyPairName: string) =>
    client(clouds).createKeyPair(new Ecs.CreateKeyPairRequest({ regionId, keyPairName }));

  it('reads instances by the pair, by ids and by tags, over several pages', async () => {
    const clouds = await started();
    const ecs = client(clouds);
    await pairIn(clouds, 'web');
    const tags = [{ key: 'キー (1)*', value: "a+b ~!'é/" }];
    const held = await clouds.admin.fleet.addInstance({
      ...ecsPlace,
      name: 'front',
      keyPair: 'web',
      tags,
      privateAddresses: ['10.0.0.7'],
      publicAddresses: ['47.100.1.2'],
      elasticAddress: '47.100.1.3',
    });
    for (let i = 0; i < 12; i += 1) await clouds.admin.fleet.addInstance({ ...ecsPlace, state: 'Stopped' });
    const ask = async (query: object) =>
      (await ecs.describeInstances(new Ecs.DescribeInstancesRequest({ regionId, ...query }))).body;

    const [found] = (await ask({ keyPairName: 'web' }))?.instances?.instance ?? [];
    expect(found).toMatchObject({
      instanceId: held.id,
      instanceName: 'front',
      status: 'Running',
      keyPairName: 'web',
      vpcAttributes: { privateIpAddress: { ipAddress: ['10.0.0.7'] } },
      publicIpAddress: { ipAddress: ['47.100.1.2'] },
      eipAddress: { ipAddress: '47.100.1.3' },
      tags: { tag: [{ tagKey: 'キー (1)*', tagValue: "a+b ~!'é/" }] },
    });
    const tag = tags.map((one) => new Ecs.DescribeInstancesRequestTag(one));
    for (const query of [{ tag }, { instanceIds: JSON.stringify([held.id, 'i-absent']) }]) {
      expect((await ask(query))?.instances?.instance?.map(({ instanceId }) => instanceId)).toEqual([held.id]);
    }

    const first = await ask({ maxResults: 10 });
    const second = await ask({ maxResults: 10, nextToken: first?.nextToken });
    const ids = [first, second].flatMap((page) => page?.instances?.instance ?? []).map(({ instanceId }) => instanceId);
    expect(new Set(ids).size).toBe(13);
    expect(second?.nextToken).toBe('');
    expect((await ask({ pageNumber: 2, pageSize: 10 }))?.instances?.instance).toHaveLength(3);
  });

  it('attaches and detaches a pair, and tells for each instance what became of it', async () => {
    const clouds = await started();
    const ecs = client(clouds);
    await pairIn(clouds, 'web');
    const { id } = await clouds.admin.fleet.addInstance(ecsPlace);
    const both = { regionId, keyPairName: 'web', instanceIds: JSON.stringify([id, 'i-absent']) };
    const attached = (await ecs.attachKeyPair(new Ecs.AttachKeyPairRequest(both))).body;
    expect(attached).toMatchObject({ keyPairName: 'web', totalCount: '2', failCount: '1' });
    expect(attached?.results?.result).toMatchObject([
      { instanceId: id, code: '200', success: 'true' },
      { instanceId: 'i-absent', code: 'InvalidInstanceId.NotFound', success: 'false' },
    ]);
    const remove = () => ecs.deleteKeyPairs(new Ecs.DeleteKeyPairsRequest({ regionId, keyPairNames: '["web"]' }));
    await expect(remove()).rejects.toMatchObject({ code: 'InvalidParameter.KeypairAlreadyAttachedInstance' });
    const one = { ...both, instanceIds: JSON.stringify([id]) };
    expect((await ecs.detachKeyPair(new Ecs.DetachKeyPairRequest(one))).body).toMatchObject({ failCount: '0' });
    await remove();
    expect(clouds.admin.pairs()).toEqual([]);
  });

  it.each([
    ['a pair that is not there', 'absent', ['i-1'], 'InvalidKeyPairName.NotFound'],
    ['more than 50 instances', 'web', Array.from({ length: 51 }, (_, i) => `i-${i}`), 'InstanceKeyPairLimitExceeded'],
    ['no instance', 'web', [], 'InvalidInstanceIds.ValueNotSupported'],
  ])('is refused as a whole for %s', async (_what, keyPairName, ids, code) => {
    const clouds = await started();
    await pairIn(clouds, 'web');
    const query = { regionId, keyPairName, instanceIds: JSON.stringify(ids) };
    const attached = client(clouds).attachKeyPair(new Ecs.AttachKeyPairRequest(query));
    await expect(attached).rejects.toMatchObject({ code });
  });

  it('makes a version of a template with everything in it, and makes it the default', async () => {
    const clouds = await started();
    const ecs = client(clouds);
    const template = { ...ecsPlace, name: 'front', data: { KeyPairName: 'web' } };
    const { id: launchTemplateId } = await clouds.admin.fleet.addTemplate(template);
    const request = new Ecs.CreateLaunchTemplateVersionRequest({
      regionId,
      launchTemplateId,
      versionDescription: 'with another pair',
      keyPairName: 'web-2',
      instanceType: 'ecs.g7.large',
      period: 1,
      passwordInherit: false,
      systemDisk: new Ecs.CreateLaunchTemplateVersionRequestSystemDisk({ category: 'cloud_essd', size: 40 }),
      dataDisk: [100, 200].map(
        (size) => new Ecs.CreateLaunchTemplateVersionRequestDataDisk({ size, encrypted: 'true' }),
      ),
      networkInterface: [
        new Ecs.CreateLaunchTemplateVersionRequestNetworkInterface({
          vSwitchId: 'vsw-1',
          securityGroupIds: ['sg-1', 'sg-2'],
        }),
      ],
      securityGroupIds: ['sg-3'],
      tag: [new Ecs.CreateLaunchTemplateVersionRequestTag({ key: 'team', value: 'a b&c=d' })],
      userData: 'IyEvYmluL3No',
    });
    expect((await ecs.createLaunchTemplateVersion(request)).body).toMatchObject({ launchTemplateVersionNumber: 2 });
    expect(clouds.admin.fleet.templates()[0]?.versions[1]).toMatchObject({
      description: 'with another pair',
      data: {
        KeyPairName: 'web-2',
        InstanceType: 'ecs.g7.large',
        Period: 1,
        PasswordInherit: false,
        SystemDisk: { Category: 'cloud_essd', Size: 40 },
        DataDisks: {
          DataDisk: [
            { Size: 100, Encrypted: 'true' },
            { Size: 200, Encrypted: 'true' },
          ],
        },
        NetworkInterfaces: {
          NetworkInterface: [{ VSwitchId: 'vsw-1', SecurityGroupIds: { SecurityGroupId: ['sg-1', 'sg-2'] } }],
        },
        SecurityGroupIds: { SecurityGroupId: ['sg-3'] },
        Tags: { InstanceTag: [{ Key: 'team', Value: 'a b&c=d' }] },
        UserData: 'IyEvYmluL3No',
      },
    });

    const choose = { regionId, launchTemplateId, defaultVersionNumber: 2 };
    await ecs.modifyLaunchTemplateDefaultVersion(new Ecs.ModifyLaunchTemplateDefaultVersionRequest(choose));
    const listed = (await ecs.describeLaunchTemplates(new Ecs.DescribeLaunchTemplatesRequest({ regionId }))).body;
    expect(listed?.launchTemplateSets?.launchTemplateSet).toMatchObject([
      { launchTemplateId, launchTemplateName: 'front', defaultVersionNumber: 2, latestVersionNumber: 2 },
    ]);
    const ask = async (query: object) => {
      const described = new Ecs.DescribeLaunchTemplateVersionsRequest({ regionId, launchTemplateId, ...query });
      const { body } = await ecs.describeLaunchTemplateVersions(described);
      return body?.launchTemplateVersionSets?.launchTemplateVersionSet ?? [];
    };
    const [latest, first] = await ask({});
    expect(latest).toMatchObject({
      versionNumber: 2,
      defaultVersion: true,
      launchTemplateData: { keyPairName: 'web-2' },
    });
    expect(latest?.launchTemplateData?.networkInterfaces?.networkInterface?.[0]?.securityGroupIds).toMatchObject({
      securityGroupId: ['sg-1', 'sg-2'],
    });
    expect(first).toMatchObject({ versionNumber: 1, defaultVersion: false });
    expect(await ask({ launchTemplateVersion: [1] })).toMatchObject([{ versionNumber: 1 }]);
    expect(await ask({ minVersion: 2 })).toMatchObject([{ versionNumber: 2 }]);
    expect((await ask({ detailFlag: false }))[0]?.launchTemplateData).toBeUndefined();
  });
});

describe.each([
  ['openapi-core', openApiCall],
  ['rpc-client', rpcCall],
] as const)('ENS through %s', (_name, client) => {
  it('reads instances page by page, attaches a pair to stopped ones and detaches it', async () => {
    const clouds = await started();
    const ens = client(clouds, clouds.credentials.alibaba);
    const { KeyPairId } = await ens('CreateKeyPair', { KeyPairName: 'edge' });
    const { id } = await clouds.admin.fleet.addInstance({
      service: 'ens',
      name: 'front',
      state: 'Stopped',
      privateAddresses: ['10.0.0.7'],
      publicAddresses: ['47.100.1.2'],
      tags: [{ key: 'team', value: 'edge' }],
    });
    const running = await clouds.admin.fleet.addInstance({ service: 'ens' });
    const attached = await ens('AttachKeyPair', {
      KeyPairId: String(KeyPairId),
      InstanceIds: JSON.stringify([id, running.id]),
    });
    expect(attached).toMatchObject({ KeyPairId, KeyPairName: 'edge', TotalCount: 2, FailCount: 1 });
    expect(attached.Results).toMatchObject([
      { InstanceId: id, Code: 200, Success: true },
      { InstanceId: running.id, Success: false },
    ]);

    const tagged = await ens('DescribeInstances', { 'Tags.1.Key': 'team', 'Tags.1.Value': 'edge', PageSize: '5' });
    expect(tagged).toMatchObject({ PageNumber: 1, PageSize: 5, TotalCount: 1 });
    expect((tagged.Instances as unknown as { Instance: unknown[] }).Instance).toMatchObject([
      {
        InstanceId: id,
        InstanceName: 'front',
        Status: 'Stopped',
        KeyPairName: 'edge',
        InnerIpAddress: { IpAddress: ['10.0.0.7'] },
        PublicIpAddresses: { PublicIpAddress: [{ Ip: '47.100.1.2' }] },
      },
    ]);
    const second = await ens('DescribeInstances', { PageNumber: '2', PageSize: '1' });
    expect((second.Instances as unknown as { Instance: unknown[] }).Instance).toHaveLength(1);

    await ens('DetachKeyPair', { KeyPairName: 'edge', InstanceIds: JSON.stringify([id]) });
    expect(clouds.admin.pairs()).toMatchObject([{ name: 'edge', instanceIds: [] }]);
    const again = ens('DetachKeyPair', { KeyPairName: 'edge', InstanceIds: JSON.stringify([id]) });
    await expect(again).rejects.toMatchObject({ code: expect.stringContaining('InvalidParameter.KeyPairName') });
  });

  it('reads and changes scaling configurations of ESS, which is told by its version', async () => {
    const clouds = await started();
    const ess = client(clouds, clouds.credentials.alibaba, '2022-02-22');
    const data = { KeyPairName: 'web', InstanceType: 'ecs.g7.large' };
    const { id } = await clouds.admin.fleet.addConfiguration({ ...ecsPlace, name: 'front', data });
    const ask = (more = {}) => ess('DescribeScalingConfigurations', { RegionId: regionId, PageSize: '50', ...more });
    expect(await ask()).toMatchObject({
      ScalingConfigurations: [{ ScalingConfigurationId: id, ScalingConfigurationName: 'front', KeyPairName: 'web' }],
      TotalCount: 1,
    });
    await ess('ModifyScalingConfiguration', {
      RegionId: regionId,
      ScalingConfigurationId: id,
      KeyPairName: 'web-2',
    });
    expect(await ask({ 'ScalingConfigurationIds.1': id })).toMatchObject({
      ScalingConfigurations: [{ ...data, KeyPairName: 'web-2' }],
    });
    expect(await ask({ 'ScalingConfigurationIds.1': 'asc-absent' })).toMatchObject({ TotalCount: 0 });
    // Told by the version, so ECS has no such action.
    const ofEcs = client(clouds, clouds.credentials.alibaba, '2014-05-26')('DescribeScalingConfigurations', {});
    await expect(ofEcs).rejects.toMatchObject({ code: expect.stringContaining('InvalidAction.NotFound') });
  });
});
