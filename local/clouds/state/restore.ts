// What a restart brings back, and what the state file keeps of it.
import type { Credential } from '../accounts/credentials.ts';
import type { Fleet } from './fleet.ts';
import type { Registry } from './registry.ts';
import type { State } from './state-file.ts';

export function restore(state: State, registry: Registry, fleet: Fleet): void {
  for (const pair of state.pairs) registry.put(pair);
  for (const instance of state.instances) fleet.instances.put(instance);
  for (const template of state.templates) fleet.templates.put(template);
  for (const configuration of state.configurations) fleet.configurations.put(configuration);
}

export const stateOf = (credentials: readonly Credential[], registry: Registry, fleet: Fleet): State => ({
  credentials,
  pairs: registry.all(),
  instances: fleet.instances.all(),
  templates: fleet.templates.all(),
  configurations: fleet.configurations.all(),
});
