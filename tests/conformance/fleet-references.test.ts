// What names a key pair without being a machine: found wherever it is, whichever version it is in.
import { describe, expect, it } from 'vitest';
import type { UsedPair } from '../../lib/providers/fleet.ts';
import { call, type FleetHarness, localFleet } from './fleet-harness.ts';
import { failureOf } from './key-pair-provider.ts';

/** What launches instances with a pair, in each cloud's words; an empty one names none. */
const naming = {
  ecs: (pair?: UsedPair) => ({ InstanceType: 'ecs.g7.large', ...(pair && { KeyPairName: pair.name }) }),
  cvm: (pair?: UsedPair) => ({
    Placement: { Zone: 'ap-tokyo-2' },
    LoginSettings: { KeyIds: pair ? [pair.id] : null },
  }),
};
const kinds = { ecs: 'scaling-configuration', cvm: 'launch-configuration' } as const;
const listing = { ecs: 'DescribeScalingConfigurations', cvm: 'DescribeLaunchConfigurations' } as const;

describe.each(['ecs', 'cvm'] as const)('the fleet of %s', (name) => {
  const start = localFleet(name);
  const data = naming[name];
  const template = ({ clouds, region }: FleetHarness, pairs: (UsedPair | undefined)[], defaultVersion?: number) =>
    clouds.admin.fleet.addTemplate({
      service: name,
      region,
      name: 'front',
      data: pairs.map((pair) => data(pair)),
      ...(defaultVersion !== undefined && { defaultVersion }),
    });

  it('tells every version of a template that names the pair, and which of them is the default', async () => {
    const cloud = await start();
    const [pair, other] = [await cloud.used('web_1'), await cloud.used('web_10')];
    const { id } = await template(cloud, [pair, other, pair, undefined], 3);
    await template(cloud, [other]);
    const by = name === 'ecs' ? 'name' : 'id';
    const common = { kind: 'launch-template', region: cloud.region, id, by, name: 'front' };
    const found = [...(await cloud.fleet.references(pair, call))].sort((a, b) => a.version! - b.version!);
    expect(found).toEqual([
      { ...common, version: 1, isDefault: false },
      { ...common, version: 3, isDefault: true },
    ]);
  });

  it('tells the configurations that name it, over many pages of them and of templates', async () => {
    const cloud = await start();
    const [pair, other] = [await cloud.used('web_1'), await cloud.used('web_10')];
    for (let i = 0; i < 120; i += 1) {
      const common = {
        service: name,
        region: cloud.region,
        name: `front-${i}`,
        data: data(i % 2 === 0 ? pair : other),
      };
      await cloud.clouds.admin.fleet.addConfiguration(common);
      await cloud.clouds.admin.fleet.addTemplate(common);
    }
    const found = await cloud.fleet.references(pair, call);
    expect(found.filter(({ kind }) => kind === 'launch-template')).toHaveLength(60);
    expect(found.filter(({ kind }) => kind === kinds[name])).toHaveLength(60);
    expect(new Set(found.map(({ kind, id }) => `${kind} ${id}`)).size).toBe(120);
  });

  it('tells nothing of a pair that nothing names, and compares whole names', async () => {
    const cloud = await start();
    const [pair, other] = [await cloud.used('web_1'), await cloud.used('web_10')];
    await template(cloud, [other]);
    await cloud.clouds.admin.fleet.addConfiguration({
      service: name,
      region: cloud.region,
      name: 'front',
      data: data(other),
    });
    expect(await cloud.fleet.references(pair, call)).toEqual([]);
    expect(await cloud.fleet.references({ region: cloud.region, name: 'absent_1' }, call)).toEqual([]);
  });

  it('finds the default version also where the cloud leaves it out of its list', async () => {
    const cloud = await start();
    const [pair, other] = [await cloud.used('web_1'), await cloud.used('web_10')];
    await template(cloud, [other, pair, other], 2);
    cloud.clouds.admin.setBehaviour({ [`${name}.defaultVersionListed`]: false });
    expect(await cloud.fleet.references(pair, call)).toMatchObject([{ version: 2, isDefault: true }]);
  });

  it('finds versions whose numbers are higher than those that a list shows by itself', async () => {
    const cloud = await start();
    const pair = await cloud.used('web_1');
    await template(cloud, [...Array.from({ length: 34 }, () => undefined), pair, undefined]);
    expect(await cloud.fleet.references(pair, call)).toMatchObject([{ version: 35, isDefault: false }]);
  });

  it('looks through one kind alone where that is what is asked for', async () => {
    const cloud = await start();
    const pair = await cloud.used('web_1');
    await template(cloud, [pair]);
    cloud.spoil(listing[name], { kind: 'refuse', code: name === 'ecs' ? 'Forbidden.RAM' : 'UnauthorizedOperation' });
    expect(await cloud.fleet.references(pair, call, ['launch-template'])).toHaveLength(1);
    expect(cloud.sent(listing[name])).toBe(0);
    expect(await failureOf(cloud.fleet.references(pair, call))).toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  it('does not take half an answer for no reference', async () => {
    const cloud = await start();
    const pair = await cloud.used('web_1');
    await template(cloud, [pair]);
    for (const field of [
      'LaunchTemplateSets',
      'LaunchTemplateSet',
      'LaunchTemplateData',
      'LaunchTemplateVersionData',
    ]) {
      const action = field.includes('Data') ? 'DescribeLaunchTemplateVersions' : 'DescribeLaunchTemplates';
      const applies = field.endsWith('Sets') || field === 'LaunchTemplateData' ? name === 'ecs' : name === 'cvm';
      if (!applies) continue;
      cloud.spoil(action, { kind: 'missing-field', field });
      expect(await failureOf(cloud.fleet.references(pair, call))).toMatchObject({ code: 'CLOUD_UNREACHABLE' });
    }
  });
});

describe('the fleet of ens', () => {
  const start = localFleet('ens');
  it('knows of nothing but instances that could name a pair, and asks for nothing', async () => {
    const { fleet, used, clouds } = await start();
    const pair = await used('web_1');
    const before = clouds.admin.requests().length;
    expect(fleet.referenceKinds).toEqual([]);
    expect(await fleet.references(pair, call)).toEqual([]);
    expect(clouds.admin.requests()).toHaveLength(before);
  });
});
