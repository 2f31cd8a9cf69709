// Instances and what launches them: no call of the clouds' own makes any here, so this is where they come from.
import type { Credential } from '../accounts/credentials.ts';
import type { ServerClock } from '../server-clock.ts';
import { bindingOf, boundTo, rewrite } from '../services/bindings.ts';
import type { Behaviour } from '../settings/behaviour.ts';
import {
  type Fleet,
  freshConfigurationId,
  freshInstanceId,
  freshTemplateId,
  type Instance,
  type LaunchConfiguration,
  type LaunchTemplate,
} from '../state/fleet.ts';
import type { Pair, Place, Registry } from '../state/registry.ts';
import { checkedInstance, checkedLauncher, type NewInstance, type NewLauncher, placed } from './fleet-requests.ts';

export interface FleetAdminDependencies {
  readonly clock: ServerClock;
  readonly credentials: readonly Credential[];
  readonly registry: Registry;
  readonly fleet: Fleet;
  readonly behaviour: () => Behaviour;
  readonly save: () => Promise<void>;
}

export class FleetAdmin {
  readonly #dependencies: FleetAdminDependencies;

  constructor(dependencies: FleetAdminDependencies) {
    this.#dependencies = dependencies;
  }

  instances(): readonly Instance[] {
    return this.#dependencies.fleet.instances.all();
  }

  /** @throws {TypeError} naming what is wrong with it: it may come in as JSON */
  async addInstance(given: NewInstance): Promise<Instance> {
    const { credentials } = this.#dependencies;
    const place = placed(given, credentials);
    const { id = freshInstanceId(place.service), keyPair, ...rest } = checkedInstance(given);
    const instance = { ...bare(place, id), ...rest, keyPairs: this.#named(place, keyPair) };
    await rewrite(this.#dependencies, [instance]);
    return instance;
  }

  /** @returns undefined when there is no such instance @throws {TypeError} as `addInstance` */
  async changeInstance(id: string, change: Partial<NewInstance>): Promise<Instance | undefined> {
    const instance = this.#instance(id);
    if (!instance) return undefined;
    const { keyPair, ...rest } = checkedInstance(change);
    const keyPairs = keyPair === undefined ? instance.keyPairs : this.#named(instance, keyPair);
    const changed = { ...instance, ...rest, id, keyPairs };
    await rewrite(this.#dependencies, [changed]);
    return changed;
  }

  /** @returns whether there was one; its pair stays bound for as long as `binding.lagMs` says */
  async release(id: string): Promise<boolean> {
    const { behaviour, clock, fleet, save } = this.#dependencies;
    const instance = this.#instance(id);
    if (!instance) return false;
    const lagMs = behaviour()['binding.lagMs'];
    if (lagMs > 0) fleet.instances.put({ ...instance, boundUntilMs: clock.nowMs() + lagMs });
    else fleet.instances.remove(instance);
    await save();
    return true;
  }

  /** The ids of the instances that have the pair. */
  boundTo(pair: Pair): readonly string[] {
    const { clock, fleet } = this.#dependencies;
    return boundTo({ fleet, nowMs: clock.nowMs() }, pair);
  }

  /** Binds a pair to exactly these instances; those that there are not are made, bare. */
  async bind(pair: Pair, ids: readonly string[]): Promise<void> {
    const { fleet } = this.#dependencies;
    const { account, service, region } = pair;
    const left = fleet.instances
      .at(pair)
      .filter((one) => !ids.includes(one.id) && one.keyPairs.some(({ id }) => id === pair.id))
      .map((one) => ({ ...one, keyPairs: one.keyPairs.filter(({ id }) => id !== pair.id) }));
    const held = ids.map((id) => ({
      ...(fleet.instances.get(pair, id) ?? bare({ account, service, region }, id)),
      keyPairs: [bindingOf(pair)],
    }));
    await rewrite(this.#dependencies, [...left, ...held]);
  }

  templates(): readonly LaunchTemplate[] {
    return this.#dependencies.fleet.templates.all();
  }

  /** With one version, or one for each of several `data`. @throws {TypeError} as `addInstance` */
  async addTemplate(given: NewLauncher): Promise<LaunchTemplate> {
    const { clock, credentials, fleet, save } = this.#dependencies;
    const place = placed(given, credentials);
    const { name, data, defaultVersion = data.length } = checkedLauncher(given);
    const versions = data.map((one, i) => ({
      number: i + 1,
      description: '',
      createdAtMs: clock.nowMs(),
      data: one,
    }));
    const template = { ...place, id: freshTemplateId(place.service), name, defaultVersion, versions };
    fleet.templates.put(template);
    await save();
    return template;
  }

  configurations(): readonly LaunchConfiguration[] {
    return this.#dependencies.fleet.configurations.all();
  }

  /** @throws {TypeError} as `addInstance` */
  async addConfiguration(given: NewLauncher): Promise<LaunchConfiguration> {
    const { credentials, fleet, save } = this.#dependencies;
    const place = placed(given, credentials);
    const { name, data } = checkedLauncher(given);
    const configuration = { ...place, id: freshConfigurationId(place.service), name, data: data[0] ?? {} };
    fleet.configurations.put(configuration);
    await save();
    return configuration;
  }

  #instance(id: string): Instance | undefined {
    return this.instances().find((one) => one.id === id && one.boundUntilMs === undefined);
  }

  /** @param keyPair a pair's name or id; empty for none */
  #named(place: Place, keyPair = ''): Instance['keyPairs'] {
    if (keyPair === '') return [];
    const pair = this.#dependencies.registry.at(place).find(({ id, name }) => id === keyPair || name === keyPair);
    if (!pair) throw new TypeError('keyPair is neither the name nor the id of a pair of that place');
    return [bindingOf(pair)];
  }
}

const bare = (place: Place, id: string): Instance => ({
  ...place,
  id,
  name: id,
  state: 'Running',
  privateAddresses: [],
  publicAddresses: [],
  tags: [],
  keyPairs: [],
});
