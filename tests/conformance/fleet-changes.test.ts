// Renaming a pair, and making what names it name another.
import { describe, expect, it } from 'vitest';
import type { Reference, UsedPair } from '../../lib/providers/fleet.ts';
import { call, type FleetHarness, localFleet } from './fleet-harness.ts';
import { failureOf } from './key-pair-provider.ts';

const lost = { kind: 'drop', when: 'after-commit' } as const;
type Known = UsedPair & { readonly id: string };

describe('renaming on cvm', () => {
  const start = localFleet('cvm');
  const named = async (cloud: FleetHarness, name: string) => (await cloud.used(name)) as Known;
  const names = ({ clouds }: FleetHarness) => Object.fromEntries(clouds.admin.pairs('cvm').map((p) => [p.id, p.name]));

  it('moves a name from one pair to another while instances have the old one, and ids stay', async () => {
    const cloud = await start();
    const [old, next] = [await named(cloud, 'web_1'), await named(cloud, 'web_1_r1')];
    const ids = await cloud.launch(2, { keyPair: 'web_1' });
    await cloud.fleet.rename!(old, 'web_1_old', call);
    await cloud.fleet.rename!(next, 'web_1', call);
    expect(names(cloud)).toEqual({ [old.id]: 'web_1_old', [next.id]: 'web_1' });
    expect((await cloud.fleet.holders(old, call)).map(({ id }) => id).sort()).toEqual(ids.sort());
  });

  it('refuses a name that is taken, and changes nothing', async () => {
    const cloud = await start();
    const [one, two] = [await named(cloud, 'web_1'), await named(cloud, 'web_2')];
    expect(await failureOf(cloud.fleet.rename!(two, 'web_1', call))).toMatchObject({ code: 'NAME_TAKEN' });
    expect(names(cloud)).toEqual({ [one.id]: 'web_1', [two.id]: 'web_2' });
  });

  it('does not know what became of it when the answer is lost, and is sent once', async () => {
    const cloud = await start();
    const pair = await named(cloud, 'web_1');
    cloud.spoil('ModifyKeyPairAttribute', lost);
    const failure = await failureOf(cloud.fleet.rename!(pair, 'web_2', call));
    expect(failure).toMatchObject({ code: 'OUTCOME_UNKNOWN', effect: 'unknown' });
    expect(cloud.sent('ModifyKeyPairAttribute')).toBe(1);
    expect(names(cloud)).toEqual({ [pair.id]: 'web_2' });
  });

  it('to the name that the pair has is done, or is not known to be', async () => {
    const cloud = await start();
    const pair = await named(cloud, 'web_1');
    await cloud.fleet.rename!(pair, 'web_1', call);
    cloud.clouds.admin.setBehaviour({ 'cvm.renameToOwnName': 'InvalidKeyPairName.Duplicate' });
    const failure = await failureOf(cloud.fleet.rename!(pair, 'web_1', call));
    expect(failure).toMatchObject({ code: 'NAME_TAKEN', effect: 'unknown' });
  });

  it('is refused as in use where the cloud does not rename what instances have', async () => {
    const cloud = await start();
    const pair = await named(cloud, 'web_1');
    await cloud.launch(1, { keyPair: 'web_1' });
    cloud.clouds.admin.setBehaviour({ 'cvm.renameBound': 'InvalidParameterValue.KeyPairNotSupported' });
    const failure = await failureOf(cloud.fleet.rename!(pair, 'web_2', call));
    expect(failure).toMatchObject({ code: 'KEY_PAIR_IN_USE', effect: 'none' });
  });

  it('is refused for a pair that is not there', async () => {
    const { fleet, region } = await start();
    const absent = { region, name: 'web_1', id: 'skey-00000000' };
    expect(await failureOf(fleet.rename!(absent, 'web_2', call))).toMatchObject({ code: 'KEY_PAIR_ABSENT' });
  });
});

describe.each(['ens', 'ecs'] as const)('renaming on %s', (name) => {
  const start = localFleet(name);
  it('does not exist', async () => {
    expect((await start()).fleet.rename).toBeUndefined();
  });
});

/** Templates with something in them that must not be lost, in each cloud's words. */
const whole = {
  ecs: ({ name }: UsedPair) => ({
    KeyPairName: name,
    InstanceType: 'ecs.g7.large',
    ImageId: 'm-1',
    Period: 1,
    SystemDisk: { Category: 'cloud_essd', Size: 40, DeleteWithInstance: true },
    DataDisks: { DataDisk: [{ Size: 100, Encrypted: 'true' }, { Size: 200 }] },
    NetworkInterfaces: {
      NetworkInterface: [{ VSwitchId: 'vsw-1', SecurityGroupIds: { SecurityGroupId: ['sg-1', 'sg-2'] } }],
    },
    SecurityGroupIds: { SecurityGroupId: ['sg-3'] },
    Tags: { InstanceTag: [{ Key: 'team', Value: 'a b&c=d' }] },
    UserData: 'IyEvYmluL3No',
    HostName: '', // nothing was said
  }),
  cvm: ({ id }: UsedPair) => ({
    Placement: { Zone: 'ap-tokyo-2', ProjectId: 0 },
    ImageId: 'img-1',
    SystemDisk: { DiskType: 'CLOUD_PREMIUM', DiskSize: 50 },
    LoginSettings: { KeyIds: [id] },
  }),
};
const create = 'CreateLaunchTemplateVersion';
const choose = 'ModifyLaunchTemplateDefaultVersion';

describe.each(['ecs', 'cvm'] as const)('retargeting on %s', (name) => {
  const start = localFleet(name);
  const data = whole[name];

  async function scene(versions = 1) {
    const cloud = await start();
    const [old, next] = [await cloud.used('web_1'), await cloud.used('web_2')];
    const place = { service: name, region: cloud.region, name: 'front' };
    const list = Array.from({ length: versions }, () => data(old));
    await cloud.clouds.admin.fleet.addTemplate({ ...place, data: list });
    await cloud.clouds.admin.fleet.addConfiguration({ ...place, data: data(old) });
    const references = await cloud.fleet.references(old, call);
    const [template] = references.filter(({ kind, isDefault }) => kind === 'launch-template' && isDefault);
    const [configuration] = references.filter(({ kind }) => kind !== 'launch-template');
    return { ...cloud, old, next, template: template!, configuration: configuration!, references };
  }
  const shown = ({ clouds }: FleetHarness) => clouds.admin.fleet.templates()[0]!;

  it('gives a template a new default version, which differs in the pair alone; the old ones stay', async () => {
    const cloud = await scene(2);
    expect(await cloud.fleet.retarget!(cloud.template, cloud.next, call)).toEqual({ version: 3 });
    const { versions, defaultVersion } = shown(cloud);
    expect(defaultVersion).toBe(3);
    expect({ HostName: '', ...versions[2]?.data }).toEqual({ HostName: '', ...data(cloud.next) });
    expect(versions.slice(0, 2).map((version) => version.data)).toEqual([data(cloud.old), data(cloud.old)]);
  });

  it('changes a configuration in place, and nothing else in it', async () => {
    const cloud = await scene();
    expect(await cloud.fleet.retarget!(cloud.configuration, cloud.next, call)).toEqual({});
    expect(cloud.clouds.admin.fleet.configurations()[0]?.data).toEqual(data(cloud.next));
    expect((await cloud.fleet.references(cloud.old, call)).map(({ kind }) => kind)).toEqual(['launch-template']);
  });

  it.each([create, choose])(
    'is finished by another try when the answer to %s is lost, without a second copy',
    async (action) => {
      const cloud = await scene();
      cloud.spoil(action, lost);
      const failure = await failureOf(cloud.fleet.retarget!(cloud.template, cloud.next, call));
      expect(failure).toMatchObject({ code: 'OUTCOME_UNKNOWN', effect: 'unknown' });
      expect(await cloud.fleet.retarget!(cloud.template, cloud.next, call)).toEqual({ version: 2 });
      expect(shown(cloud)).toMatchObject({ defaultVersion: 2, versions: [{ number: 1 }, { number: 2 }] });
      expect(shown(cloud).versions).toHaveLength(2);
    },
  );

  it('finds the default version also where the cloud leaves it out of its list', async () => {
    const cloud = await scene(2);
    cloud.clouds.admin.setBehaviour({ [`${name}.defaultVersionListed`]: false });
    expect(await cloud.fleet.retarget!(cloud.template, cloud.next, call)).toEqual({ version: 3 });
    expect(shown(cloud).defaultVersion).toBe(3);
  });

  it('does not make a copy the default that has lost something, and does not make another one', async () => {
    const cloud = await scene();
    // ECS shows what it does not take for a new version, or CVM takes nothing from the old one.
    const data = { ...whole[name](cloud.old), Colour: 'blue' };
    const place = { service: name, region: cloud.region, name: 'odd', data };
    const { id } = await cloud.clouds.admin.fleet.addTemplate(place);
    cloud.clouds.admin.setBehaviour({ 'cvm.versionBase': 'ignored' });
    for (let tries = 0; tries < 2; tries += 1) {
      const failure = await failureOf(cloud.fleet.retarget!({ ...cloud.template, id }, cloud.next, call));
      expect(failure).toMatchObject({ code: 'CLOUD_REFUSED', effect: 'none' });
    }
    const template = cloud.clouds.admin.fleet.templates().find((one) => one.id === id);
    expect(template).toMatchObject({ defaultVersion: 1, versions: [{ number: 1 }, { number: 2 }] });
    expect(template?.versions).toHaveLength(2);
  });

  it('leaves a template alone that has another default version by now', async () => {
    const cloud = await scene(2);
    const stale: Reference = { ...cloud.template, version: 1 };
    const failure = await failureOf(cloud.fleet.retarget!(stale, cloud.next, call));
    expect(failure).toMatchObject({ code: 'CLOUD_REFUSED', effect: 'none' });
    expect(cloud.sent(create)).toBe(0);
  });

  it('does not touch versions that are chosen by number', async () => {
    const cloud = await scene(2);
    const [numbered] = cloud.references.filter(({ isDefault }) => isDefault === false);
    expect(await failureOf(cloud.fleet.retarget!(numbered!, cloud.next, call))).toBeInstanceOf(TypeError);
  });

  it('says that a template has no room for another version', async () => {
    const cloud = await scene(30);
    const failure = await failureOf(cloud.fleet.retarget!(cloud.template, cloud.next, call));
    expect(failure).toMatchObject({ code: 'CLOUD_REFUSED', effect: 'none' });
    expect(shown(cloud).versions).toHaveLength(30);
  });

  it('does not know what became of a configuration when the answer is lost', async () => {
    const cloud = await scene();
    cloud.spoil(name === 'ecs' ? 'ModifyScalingConfiguration' : 'ModifyLaunchConfigurationAttributes', lost);
    const failure = await failureOf(cloud.fleet.retarget!(cloud.configuration, cloud.next, call));
    expect(failure).toMatchObject({ code: 'OUTCOME_UNKNOWN', effect: 'unknown' });
  });
});

describe('retargeting on ens', () => {
  const start = localFleet('ens');
  it('does not exist', async () => {
    expect((await start()).fleet.retarget).toBeUndefined();
  });
});
