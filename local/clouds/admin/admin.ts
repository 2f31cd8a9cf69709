// Everything that can be done to the clouds from outside their own APIs; the same in process and over HTTP.
import { publicKeyLine } from '../../../lib/ssh/public-key.ts';
import type { Credential } from '../accounts/credentials.ts';
import type { FaultRule } from '../faults/fault.ts';
import type { FaultPlan, PlannedFault } from '../faults/plan.ts';
import { importedForEcs } from '../keys/imported.ts';
import type { KeySource } from '../keys/key-source.ts';
import type { ServerClock } from '../server-clock.ts';
import { keep } from '../services/making.ts';
import { type Behaviour, defaultBehaviour, switches } from '../settings/behaviour.ts';
import { defaultLimits, type Limits, limitRows } from '../settings/limits.ts';
import { changed } from '../settings/setting.ts';
import type { Buses } from '../state/buses.ts';
import type { Fleet } from '../state/fleet.ts';
import type { Queues } from '../state/queues.ts';
import type { Pair, Registry, ServiceName } from '../state/registry.ts';
import type { Secrets } from '../state/secrets.ts';
import { EventAdmin } from './event-admin.ts';
import { FleetAdmin } from './fleet-admin.ts';
import { QueueAdmin } from './queue-admin.ts';
import type { LoggedRequest, RequestLog } from './request-log.ts';
import { type Stranger, settled } from './stranger.ts';

export interface AdminDependencies {
  readonly clock: ServerClock;
  readonly credentials: readonly Credential[];
  readonly registry: Registry;
  readonly fleet: Fleet;
  readonly secrets: Secrets;
  readonly buses: Buses;
  readonly queues: Queues;
  readonly keys: KeySource;
  readonly plan: FaultPlan;
  readonly log: RequestLog;
  readonly save: () => Promise<void>;
  /** Resets what is not named here. */
  readonly reset: () => void;
  readonly initial: { readonly behaviour: Partial<Behaviour>; readonly limits: Partial<Limits> };
}

/** A pair, and what keeps it from being deleted. */
export type ShownPair = Pair & { readonly instanceIds: readonly string[] };

export class Admin {
  /** Instances, and what launches them. */
  readonly fleet: FleetAdmin;
  /** Event buses, and where their events go. */
  readonly events: EventAdmin;
  /** Queues, and the streams out of them. */
  readonly queues: QueueAdmin;
  readonly #dependencies: AdminDependencies;
  #behaviour: Behaviour;
  #limits: Limits;

  /** @throws {TypeError} for a setting that does not exist or a value it does not take */
  constructor(dependencies: AdminDependencies) {
    this.#dependencies = dependencies;
    this.fleet = new FleetAdmin({ ...dependencies, behaviour: () => this.#behaviour });
    this.events = new EventAdmin(dependencies.buses);
    this.queues = new QueueAdmin(dependencies.queues, dependencies.clock);
    this.#behaviour = changed(switches, defaultBehaviour, dependencies.initial.behaviour);
    this.#limits = changed(limitRows, defaultLimits, dependencies.initial.limits);
  }

  behaviour(): Behaviour {
    return this.#behaviour;
  }

  /** @throws {TypeError} as the constructor */
  setBehaviour(change: Partial<Behaviour>): Behaviour {
    this.#behaviour = changed(switches, this.#behaviour, change);
    return this.#behaviour;
  }

  limits(): Limits {
    return this.#limits;
  }

  /** @throws {TypeError} as the constructor */
  setLimits(change: Partial<Limits>): Limits {
    this.#limits = changed(limitRows, this.#limits, change);
    return this.#limits;
  }

  /** @throws {TypeError} saying what is wrong with the rule */
  addFault(rule: FaultRule): PlannedFault {
    return this.#dependencies.plan.add(rule);
  }

  faults(): readonly PlannedFault[] {
    return this.#dependencies.plan.list();
  }

  /** @returns whether there was such a rule */
  removeFault(id: string): boolean {
    return this.#dependencies.plan.remove(id);
  }

  clearFaults(): void {
    this.#dependencies.plan.clear();
  }

  /** Public data only; oldest first. */
  pairs(service?: ServiceName): readonly ShownPair[] {
    return this.#dependencies.registry.all(service ? { service } : {}).map((pair) => this.#shown(pair));
  }

  /** Puts a pair in past every check, as if someone else had made it. */
  async addStranger(stranger: Stranger): Promise<Pair> {
    const { buses, clock, credentials, fleet, keys, queues, registry, save, secrets } = this.#dependencies;
    const { place, draft } = settled(stranger, credentials);
    const key = importedForEcs(stranger.publicKey ?? (await this.#throwawayLine()));
    if (!key) throw new TypeError('publicKey is not an OpenSSH line of a type the services take');
    const world = {
      place,
      nowMs: stranger.createdAtMs ?? clock.nowMs(),
      registry,
      fleet,
      secrets,
      buses,
      queues,
      behaviour: { ...this.#behaviour, 'describe.lagCalls': 0, 'describe.lagMs': 0 },
      limits: this.#limits,
      newKey: (bits: number) => keys.take(bits),
      save,
    };
    return keep(world, draft, key, 'stranger');
  }

  /** Takes a pair away behind the APIs' back. @returns whether there was one */
  async removeDirectly(id: string): Promise<boolean> {
    const { registry, save } = this.#dependencies;
    const pair = registry.get(id);
    if (!pair) return false;
    registry.remove(pair);
    await save();
    return true;
  }

  /**
   * Says which instances a pair is bound to, and makes those that there are not; none unbinds it.
   * @returns undefined when there is no such pair
   */
  async attach(id: string, instanceIds: readonly string[] = ['i-local']): Promise<ShownPair | undefined> {
    const pair = this.#dependencies.registry.get(id);
    if (!pair) return undefined;
    await this.fleet.bind(pair, instanceIds);
    return this.#shown(pair);
  }

  /**
   * Says which images hold a pair; none releases it.
   * @returns undefined when there is no such pair
   */
  async holdInImages(id: string, imageIds: readonly string[]): Promise<ShownPair | undefined> {
    const { registry, save } = this.#dependencies;
    const pair = registry.get(id);
    if (!pair) return undefined;
    registry.put({ ...pair, imageIds });
    await save();
    return this.#shown({ ...pair, imageIds });
  }

  /** Sets the server's clock forward, or back with a negative number. @returns how far it is now from the given clock */
  advanceClock(ms: number): number {
    this.#dependencies.clock.offsetMs += ms;
    return this.#dependencies.clock.offsetMs;
  }

  setClockOffset(ms: number): number {
    this.#dependencies.clock.offsetMs = ms;
    return ms;
  }

  now(): { readonly now: string; readonly offsetMs: number } {
    const { clock } = this.#dependencies;
    return { now: new Date(clock.nowMs()).toISOString(), offsetMs: clock.offsetMs };
  }

  requests(): readonly LoggedRequest[] {
    return this.#dependencies.log.list();
  }

  readyKeys(): KeySource['ready'] {
    return this.#dependencies.keys.ready;
  }

  /** Everything as it was at the start, without pairs and instances: settings, faults, clock, log, remembered signatures. */
  async reset(): Promise<void> {
    const { buses, clock, fleet, initial, log, plan, queues, registry, reset, save, secrets } = this.#dependencies;
    this.#behaviour = changed(switches, defaultBehaviour, initial.behaviour);
    this.#limits = changed(limitRows, defaultLimits, initial.limits);
    plan.clear();
    log.clear();
    registry.clear();
    fleet.clear();
    secrets.clear();
    buses.clear();
    queues.clear();
    this.events.clear();
    clock.offsetMs = 0;
    reset();
    await save();
  }

  #shown(pair: Pair): ShownPair {
    return { ...pair, instanceIds: this.fleet.boundTo(pair) };
  }

  async #throwawayLine(): Promise<string> {
    return publicKeyLine((await this.#dependencies.keys.take(2048)).key);
  }
}
