// CVM launch templates. A new version is made from an old one, and says only what is different.
// Source: CVM DescribeLaunchTemplates, DescribeLaunchTemplateVersions, CreateLaunchTemplateVersion, ModifyLaunchTemplateDefaultVersion.
import type { Call } from '../protocols/protocol.ts';
import type { LaunchTemplate, TemplateVersion } from '../state/fleet.ts';
import { refuseCvm } from './cvm-errors.ts';
import { flag, integer, knowOnly, loginSettings, mandatory, offsets, text, texts } from './cvm-parameters.ts';
import { checkRegion } from './cvm-region.ts';
import { shownTime } from './listing.ts';
import type { Action, World } from './service.ts';
import { addVersion, latestOf, MOST_VERSIONS, setDefault, versionsOf } from './templates.ts';

const describeLaunchTemplates: Action = (call, behaviour) => {
  knowOnly(call, behaviour, ['LaunchTemplateIds', 'Offset', 'Limit']);
  const ids = texts(call, 'LaunchTemplateIds');
  const { offset, limit } = offsets(call);
  return async (world) => {
    checkRegion(world);
    const found = world.fleet.templates.at(world.place).filter(({ id }) => !ids || ids.includes(id));
    const LaunchTemplateSet = found.slice(offset, offset + limit).map((template) => ({
      LaunchTemplateId: template.id,
      LaunchTemplateName: template.name,
      DefaultVersionNumber: template.defaultVersion,
      LatestVersionNumber: latestOf(template),
      LaunchTemplateVersionCount: template.versions.length,
      CreatedBy: world.place.account,
    }));
    return { body: { TotalCount: found.length, LaunchTemplateSet } };
  };
};

const describeLaunchTemplateVersions: Action = (call, behaviour) => {
  const range = ['LaunchTemplateVersions', 'MinVersion', 'MaxVersion', 'DefaultVersion'];
  knowOnly(call, behaviour, ['LaunchTemplateId', ...range, 'Offset', 'Limit']);
  const which = whichTemplate(call);
  const numbers = (call.parameters.get('LaunchTemplateVersions') ?? undefined) as readonly unknown[] | undefined;
  // "The default value is 30": a template with higher numbers does not show them unless it is asked to.
  const [least, most] = [integer(call, 'MinVersion') ?? 0, integer(call, 'MaxVersion') ?? 30];
  const [defaultOnly, { offset, limit }] = [flag(call, 'DefaultVersion'), offsets(call)];
  return async (world) => {
    const template = which(world);
    const defaultListed = behaviour['cvm.defaultVersionListed'];
    const query = { least, most, defaultOnly, defaultListed, ...(numbers && { numbers: numbers.map(Number) }) };
    const found = versionsOf(template, query);
    const LaunchTemplateVersionSet = found.slice(offset, offset + limit).map((version) => shown(template, version));
    return { body: { TotalCount: found.length, LaunchTemplateVersionSet } };
  };
};

const createLaunchTemplateVersion: Action = (call, behaviour) => {
  if (call.unreadable) throw call.unreadable;
  const which = whichTemplate(call);
  const from = integer(call, 'LaunchTemplateVersion');
  if (!call.parameters.has('Placement')) throw refuseCvm('MissingParameter');
  loginSettings(call);
  const own = [
    'LaunchTemplateId',
    'LaunchTemplateVersion',
    'LaunchTemplateVersionDescription',
    'ClientToken',
    'DryRun',
  ];
  const said = Object.fromEntries([...call.parameters].filter(([name]) => !own.includes(name)));
  return async (world) => {
    const template = which(world);
    const base = numbered(template, from ?? template.defaultVersion);
    if (template.versions.length >= MOST_VERSIONS) throw refuseCvm('LimitExceeded.LaunchTemplateVersionQuota');
    const kept = behaviour['cvm.versionBase'] === 'kept' ? base.data : {};
    const description = text(call, 'LaunchTemplateVersionDescription') ?? '';
    const number = await addVersion(world, template, { data: { ...kept, ...said }, description });
    return { body: { LaunchTemplateVersionNumber: number } };
  };
};

const modifyLaunchTemplateDefaultVersion: Action = (call, behaviour) => {
  knowOnly(call, behaviour, ['LaunchTemplateId', 'DefaultVersion']);
  const which = whichTemplate(call);
  const number = mandatory(integer(call, 'DefaultVersion'));
  return async (world) => {
    const template = which(world);
    await setDefault(world, template, numbered(template, number).number);
    return { body: {} };
  };
};

function whichTemplate(call: Call): (world: World) => LaunchTemplate {
  const id = mandatory(text(call, 'LaunchTemplateId'));
  return (world) => {
    checkRegion(world);
    const template = world.fleet.templates.get(world.place, id);
    if (!template) throw refuseCvm('InvalidParameterValue.LaunchTemplateIdNotExisted');
    return template;
  };
}

function numbered({ versions }: LaunchTemplate, number: number): TemplateVersion {
  const version = versions.find((one) => one.number === number);
  if (!version) throw refuseCvm('InvalidParameterValue.LaunchTemplateVersionNotExisted');
  return version;
}

const shown = (
  { id, defaultVersion, account }: LaunchTemplate,
  { number, description, createdAtMs, data }: TemplateVersion,
): Record<string, unknown> => ({
  LaunchTemplateId: id,
  LaunchTemplateVersion: number,
  LaunchTemplateVersionDescription: description,
  IsDefaultVersion: number === defaultVersion,
  CreatedBy: account,
  CreationTime: shownTime(createdAtMs, 'seconds'),
  LaunchTemplateVersionData: data,
});

export const templateActions = [
  ['DescribeLaunchTemplates', describeLaunchTemplates],
  ['DescribeLaunchTemplateVersions', describeLaunchTemplateVersions],
  ['CreateLaunchTemplateVersion', createLaunchTemplateVersion],
  ['ModifyLaunchTemplateDefaultVersion', modifyLaunchTemplateDefaultVersion],
] as const;
