// ECS launch templates. A new version says everything anew: there is no version that it is made from.
// Source: ECS DescribeLaunchTemplates, DescribeLaunchTemplateVersions, CreateLaunchTemplateVersion, ModifyLaunchTemplateDefaultVersion.
import { refuseAlibaba } from '../protocols/alibaba-errors.ts';
import type { Call } from '../protocols/protocol.ts';
import type { LaunchTemplate, TemplateVersion } from '../state/fleet.ts';
import { refuseEcs } from './ecs-errors.ts';
import { checkRegion, mandatory, pageOf, text } from './ecs-parameters.ts';
import { templateData } from './ecs-template-data.ts';
import { cut, shownTime } from './listing.ts';
import type { Action, World } from './service.ts';
import { addVersion, latestOf, MOST_VERSIONS, setDefault, versionsOf } from './templates.ts';

const describeLaunchTemplates: Action = (call) => {
  mandatory(call, 'RegionId');
  const { page, size } = pageOf(call, 50);
  const [ids, names] = [numbered(call, 'LaunchTemplateId'), numbered(call, 'LaunchTemplateName')];
  return async (world) => {
    checkRegion(world);
    const found = world.fleet.templates
      .at(world.place)
      .filter(({ id, name }) => (!ids.length || ids.includes(id)) && (!names.length || names.includes(name)));
    const LaunchTemplateSet = cut(found, page, size).map((template) => ({
      LaunchTemplateId: template.id,
      LaunchTemplateName: template.name,
      DefaultVersionNumber: template.defaultVersion,
      LatestVersionNumber: latestOf(template),
      CreatedBy: world.place.account,
    }));
    const pages = { PageNumber: page, PageSize: size, TotalCount: found.length };
    return { body: { LaunchTemplateSets: { LaunchTemplateSet }, ...pages } };
  };
};

const describeLaunchTemplateVersions: Action = (call) => {
  mandatory(call, 'RegionId');
  const { page, size } = pageOf(call, 50);
  const which = whichTemplate(call);
  const numbers = numbered(call, 'LaunchTemplateVersion').map(Number);
  const bound = (name: string) => (text(call, name) === '' ? undefined : Number(text(call, name)));
  const [least, most] = [bound('MinVersion'), bound('MaxVersion')];
  const detailed = text(call, 'DetailFlag').toLowerCase() !== 'false';
  return async (world) => {
    const template = which(world);
    const found = versionsOf(template, {
      ...(numbers.length > 0 && { numbers }),
      ...(least !== undefined && { least }),
      ...(most !== undefined && { most }),
      defaultOnly: text(call, 'DefaultVersion').toLowerCase() === 'true',
      defaultListed: world.behaviour['ecs.defaultVersionListed'],
    });
    const LaunchTemplateVersionSet = cut(found, page, size).map((version) => shown(template, version, detailed));
    const pages = { PageNumber: page, PageSize: size, TotalCount: found.length };
    return { body: { LaunchTemplateVersionSets: { LaunchTemplateVersionSet }, ...pages } };
  };
};

const createLaunchTemplateVersion: Action = (call) => {
  mandatory(call, 'RegionId');
  const which = whichTemplate(call);
  const data = templateData(call.parameters);
  return async (world) => {
    const template = which(world);
    if (template.versions.length >= MOST_VERSIONS) throw refuseEcs('LaunchTemplateVersionLimitExceed');
    const number = await addVersion(world, template, { data, description: text(call, 'VersionDescription') });
    return { body: { LaunchTemplateId: template.id, LaunchTemplateVersionNumber: number } };
  };
};

const modifyLaunchTemplateDefaultVersion: Action = (call) => {
  mandatory(call, 'RegionId');
  const which = whichTemplate(call);
  const number = Number(mandatory(call, 'DefaultVersionNumber'));
  return async (world) => {
    const template = which(world);
    if (!template.versions.some((version) => version.number === number))
      throw refuseEcs('InvalidLaunchTemplateVersion.NotFound');
    await setDefault(world, template, number);
    return { body: {} };
  };
};

/** "You must specify LaunchTemplateId or LaunchTemplateName to determine the template." */
function whichTemplate(call: Call): (world: World) => LaunchTemplate {
  const [id, name] = [text(call, 'LaunchTemplateId'), text(call, 'LaunchTemplateName')];
  if (!id && !name) throw refuseAlibaba('MissingParameter', 'LaunchTemplateId');
  return (world) => {
    checkRegion(world);
    const template = world.fleet.templates
      .at(world.place)
      .find((one) => (!id || one.id === id) && (!name || one.name === name));
    if (!template) throw refuseEcs('InvalidLaunchTemplate.NotFound');
    return template;
  };
}

/** `LaunchTemplateVersion.1=4`: values by their numbers. */
const numbered = ({ parameters }: Call, name: string): string[] =>
  [...parameters].filter(([key]) => new RegExp(`^${name}\\.\\d+$`).test(key)).map(([, value]) => String(value));

const shown = (
  { id, name, defaultVersion, account }: LaunchTemplate,
  { number, description, createdAtMs, data }: TemplateVersion,
  detailed: boolean,
): Record<string, unknown> => ({
  LaunchTemplateId: id,
  LaunchTemplateName: name,
  VersionNumber: number,
  VersionDescription: description,
  DefaultVersion: number === defaultVersion,
  CreatedBy: account,
  CreateTime: shownTime(createdAtMs, 'seconds'),
  ...(detailed && { LaunchTemplateData: data }),
});

export const templateActions = [
  ['DescribeLaunchTemplates', describeLaunchTemplates],
  ['DescribeLaunchTemplateVersions', describeLaunchTemplateVersions],
  ['CreateLaunchTemplateVersion', createLaunchTemplateVersion],
  ['ModifyLaunchTemplateDefaultVersion', modifyLaunchTemplateDefaultVersion],
] as const;
