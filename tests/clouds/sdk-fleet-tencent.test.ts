// Tencent's unmodified SDKs against instances, templates and configurations: what our adapters send and read is what these do.
import { describe, expect, it } from 'vitest';
import type { Clouds } from '../../local/clouds/clouds.ts';
import { commonClient, cvmClient } from './support/sdks.ts';
import { started } from './support/started.ts';

const cvmPlace = { service: 'cvm', region: 'ap-tokyo' } as const;

describe('the CVM SDK', () => {
  const paired = async (clouds: Clouds, KeyName: string): Promise<string> => {
    const { KeyPair } = await cvmClient(clouds, clouds.credentials.tencent).CreateKeyPair({ KeyName, ProjectId: 0 });
    return KeyPair?.KeyId ?? '';
  };

  it.each(['POST', 'GET'] as const)(
    'reads instances, binds pairs to them and releases them, by %s',
    async (reqMethod) => {
      const clouds = await started();
      const cvm = cvmClient(clouds, clouds.credentials.tencent, { reqMethod });
      const [one, two] = [await paired(clouds, 'web_1'), await paired(clouds, 'web_2')];
      const { id } = await clouds.admin.fleet.addInstance({
        ...cvmPlace,
        name: 'front',
        privateAddresses: ['10.0.0.7'],
        elasticAddress: '119.28.1.2',
        tags: [{ key: '团队', value: 'a b+c' }],
      });
      const bind = { InstanceIds: [id], KeyIds: [one] };
      await expect(cvm.AssociateInstancesKeyPairs(bind)).rejects.toMatchObject({
        code: 'UnsupportedOperation.InstanceStateRunning',
      });
      await cvm.AssociateInstancesKeyPairs({ ...bind, ForceStop: true });
      const { InstanceSet } = await cvm.DescribeInstances({ Filters: [{ Name: 'tag:团队', Values: ['a b+c'] }] });
      expect(InstanceSet).toMatchObject([
        {
          InstanceId: id,
          InstanceName: 'front',
          InstanceState: 'RUNNING',
          PrivateIpAddresses: ['10.0.0.7'],
          PublicIpAddresses: ['119.28.1.2'],
          LoginSettings: { KeyIds: [one] },
          Tags: [{ Key: '团队', Value: 'a b+c' }],
        },
      ]);
      const { KeyPairSet } = await cvm.DescribeKeyPairs({ KeyIds: [one] });
      expect(KeyPairSet).toMatchObject([{ AssociatedInstanceIds: [id] }]);

      await cvm.AssociateInstancesKeyPairs({ InstanceIds: [id], KeyIds: [two], ForceStop: true });
      await cvm.DeleteKeyPairs({ KeyIds: [one] });
      await clouds.admin.fleet.changeInstance(id, { state: 'Stopped' });
      await cvm.DisassociateInstancesKeyPairs({ InstanceIds: [id], KeyIds: [two] });
      expect(clouds.admin.pairs()).toMatchObject([{ id: two, instanceIds: [] }]);
    },
  );

  it('is refused a whole batch for one instance that is not there', async () => {
    const clouds = await started();
    const cvm = cvmClient(clouds, clouds.credentials.tencent);
    const KeyIds = [await paired(clouds, 'web_1')];
    const { id } = await clouds.admin.fleet.addInstance({ ...cvmPlace, state: 'Stopped' });
    await expect(cvm.AssociateInstancesKeyPairs({ InstanceIds: [id, 'ins-notthere'], KeyIds })).rejects.toMatchObject({
      code: 'InvalidInstanceId.NotFound',
    });
    expect(clouds.admin.pairs()).toMatchObject([{ instanceIds: [] }]);
  });

  it('renames a pair, to a name that is free', async () => {
    const clouds = await started();
    const cvm = cvmClient(clouds, clouds.credentials.tencent);
    const KeyId = await paired(clouds, 'web_1');
    await paired(clouds, 'web_2');
    await cvm.ModifyKeyPairAttribute({ KeyId, KeyName: 'web_3' });
    expect(clouds.admin.pairs().map(({ name }) => name)).toEqual(['web_3', 'web_2']);
    for (const [KeyName, code] of [
      ['web_2', 'InvalidKeyPairName.Duplicate'],
      ['', 'InvalidKeyPairNameEmpty'],
      ['web-4', 'InvalidKeyPairNameIncludeIllegalChar'],
    ] as const) {
      await expect(cvm.ModifyKeyPairAttribute({ KeyId, KeyName })).rejects.toMatchObject({ code });
    }
    await expect(cvm.ModifyKeyPairAttribute({ KeyId })).rejects.toMatchObject({ code: 'MissingParameter' });
  });

  it('makes a version of a template from an old one, and makes it the default', async () => {
    const clouds = await started();
    const cvm = cvmClient(clouds, clouds.credentials.tencent);
    const [one, two] = [await paired(clouds, 'web_1'), await paired(clouds, 'web_2')];
    const Placement = { Zone: 'ap-tokyo-2' };
    const data = { Placement, ImageId: 'img-1', LoginSettings: { KeyIds: [one] } };
    const { id } = await clouds.admin.fleet.addTemplate({ ...cvmPlace, name: 'front', data });
    const made = await cvm.CreateLaunchTemplateVersion({
      LaunchTemplateId: id,
      LaunchTemplateVersion: 1,
      LaunchTemplateVersionDescription: 'with another pair',
      Placement,
      LoginSettings: { KeyIds: [two] },
    });
    expect(made.LaunchTemplateVersionNumber).toBe(2);
    await cvm.ModifyLaunchTemplateDefaultVersion({ LaunchTemplateId: id, DefaultVersion: 2 });
    expect((await cvm.DescribeLaunchTemplates({ LaunchTemplateIds: [id] })).LaunchTemplateSet).toMatchObject([
      { LaunchTemplateName: 'front', DefaultVersionNumber: 2, LatestVersionNumber: 2, LaunchTemplateVersionCount: 2 },
    ]);
    const ask = async (more = {}) =>
      (await cvm.DescribeLaunchTemplateVersions({ LaunchTemplateId: id, ...more })).LaunchTemplateVersionSet;
    expect(await ask()).toMatchObject([
      {
        LaunchTemplateVersion: 2,
        IsDefaultVersion: true,
        LaunchTemplateVersionDescription: 'with another pair',
        LaunchTemplateVersionData: { ...data, LoginSettings: { KeyIds: [two] } },
      },
      { LaunchTemplateVersion: 1, IsDefaultVersion: false, LaunchTemplateVersionData: data },
    ]);
    expect(await ask({ LaunchTemplateVersions: [1] })).toMatchObject([{ LaunchTemplateVersion: 1 }]);
    expect(await ask({ MaxVersion: 1 })).toMatchObject([{ LaunchTemplateVersion: 1 }]);
    await expect(cvm.DescribeLaunchTemplateVersions({ LaunchTemplateId: 'lt-absent' })).rejects.toThrow();
  });
});

describe('Tencent’s common client', () => {
  it('reads and changes launch configurations of AS, whose login settings are replaced as a whole', async () => {
    const clouds = await started();
    const as = commonClient(clouds, clouds.credentials.tencent, 'as');
    const data = { ImageId: 'img-1', LoginSettings: { KeyIds: ['skey-aaaaaaaa'], KeepImageLogin: false } };
    const { id } = await clouds.admin.fleet.addConfiguration({ ...cvmPlace, name: 'front', data });
    const ask = () => as.request('DescribeLaunchConfigurations', { Offset: 0, Limit: 100 });
    expect(await ask()).toMatchObject({
      TotalCount: 1,
      LaunchConfigurationSet: [{ LaunchConfigurationId: id, LaunchConfigurationName: 'front', ...data }],
    });
    const LoginSettings = { KeyIds: ['skey-bbbbbbbb'] };
    await as.request('ModifyLaunchConfigurationAttributes', { LaunchConfigurationId: id, LoginSettings });
    expect((await ask()).LaunchConfigurationSet[0].LoginSettings).toEqual(LoginSettings);
    const absent = as.request('ModifyLaunchConfigurationAttributes', {
      LaunchConfigurationId: 'asc-absent',
      LoginSettings,
    });
    await expect(absent).rejects.toMatchObject({ code: 'ResourceNotFound.LaunchConfigurationIdNotFound' });
    await expect(as.request('DescribeKeyPairs', {})).rejects.toMatchObject({ code: 'InvalidAction' });
  });
});
