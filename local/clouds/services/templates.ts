// Launch templates, as far as both clouds have them in common. What is in a version is never verified: that happens at launch.
import type { LaunchTemplate, TemplateVersion } from '../state/fleet.ts';
import type { World } from './service.ts';

/** "30 versions each", on both. */
export const MOST_VERSIONS = 30;

export const latestOf = ({ versions }: LaunchTemplate): number => Math.max(...versions.map(({ number }) => number));

export interface VersionQuery {
  readonly numbers?: readonly number[];
  readonly least?: number;
  readonly most?: number;
  /** The default version alone. */
  readonly defaultOnly: boolean;
  /** Whether the default version is among the others where it is not asked for. */
  readonly defaultListed: boolean;
}

/** Newest first. */
export function versionsOf(
  { versions, defaultVersion }: LaunchTemplate,
  { numbers, least = 0, most = Number.MAX_SAFE_INTEGER, defaultOnly, defaultListed }: VersionQuery,
): TemplateVersion[] {
  const named = (number: number): boolean => numbers?.includes(number) ?? (number >= least && number <= most);
  return versions
    .filter(({ number }) =>
      defaultOnly ? number === defaultVersion : named(number) && (defaultListed || number !== defaultVersion),
    )
    .sort((a, b) => b.number - a.number);
}

/** Writes a template, on disk too. When the disk refuses, it is as before. */
async function rewrite({ fleet, save }: World, before: LaunchTemplate, after: LaunchTemplate): Promise<void> {
  fleet.templates.put(after);
  try {
    await save();
  } catch (error) {
    fleet.templates.put(before);
    throw error;
  }
}

/** @returns the new version's number */
export async function addVersion(
  world: World,
  template: LaunchTemplate,
  { data, description }: Pick<TemplateVersion, 'data' | 'description'>,
): Promise<number> {
  const number = latestOf(template) + 1;
  const version = { number, description, createdAtMs: world.nowMs, data };
  await rewrite(world, template, { ...template, versions: [...template.versions, version] });
  return number;
}

export const setDefault = (world: World, template: LaunchTemplate, defaultVersion: number): Promise<void> =>
  rewrite(world, template, { ...template, defaultVersion });
