// Scaling and launch configurations, as far as both clouds have them in common.
import type { LaunchConfiguration } from '../state/fleet.ts';
import type { World } from './service.ts';

/** Replaces some of what a configuration launches, on disk too. When the disk refuses, it is as before. */
export async function changeConfiguration(
  { fleet, save }: World,
  configuration: LaunchConfiguration,
  change: LaunchConfiguration['data'],
): Promise<void> {
  fleet.configurations.put({ ...configuration, data: { ...configuration.data, ...change } });
  try {
    await save();
  } catch (error) {
    fleet.configurations.put(configuration);
    throw error;
  }
}
