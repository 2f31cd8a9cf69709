// What uses key pairs: instances, and the templates that launch them. They come and go over the admin endpoint alone.
import { randomInt } from 'node:crypto';
import type { Place, ServiceName, Tag } from './registry.ts';

export const instanceStates = ['Pending', 'Running', 'Stopping', 'Stopped'] as const;

export interface Instance extends Place {
  readonly id: string;
  readonly name: string;
  readonly state: (typeof instanceStates)[number];
  readonly privateAddresses: readonly string[];
  readonly publicAddresses: readonly string[];
  /** An address of its own that was bound to it; ECS shows it in another place. */
  readonly elasticAddress?: string;
  readonly tags: readonly Tag[];
  /** The pairs it was given, as they were called then. It keeps them when they are gone. */
  readonly keyPairs: readonly { readonly id: string; readonly name: string }[];
  /** Set when it is released: no call shows it any more, and its pairs stay bound until then, on the server's clock. */
  readonly boundUntilMs?: number;
}

type Json = Readonly<Record<string, unknown>>;

export interface TemplateVersion {
  readonly number: number;
  readonly description: string;
  readonly createdAtMs: number;
  /** What it launches, as Describe shows it. The pair that it names need not exist. */
  readonly data: Json;
}
export interface LaunchTemplate extends Place {
  readonly id: string;
  readonly name: string;
  readonly defaultVersion: number;
  readonly versions: readonly TemplateVersion[];
}

/** A scaling configuration of ESS, or a launch configuration of Tencent's Auto Scaling; `service` is whose instances it launches. */
export interface LaunchConfiguration extends Place {
  readonly id: string;
  readonly name: string;
  readonly data: Json;
}

/** Things of one kind by place and id; the ids of one place do not repeat. */
class Collection<T extends Place & { readonly id: string }> {
  readonly #all = new Map<string, T>();

  /** Adds it, or replaces the one of the same place and id. */
  put(one: T): void {
    this.#all.set(keyOf(one), one);
  }

  remove(one: T): void {
    this.#all.delete(keyOf(one));
  }

  get(place: Place, id: string): T | undefined {
    return this.#all.get(keyOf({ ...place, id }));
  }

  /** One place's, by id: a list that is read in pages keeps its order. */
  at({ account, service, region }: Place): T[] {
    return this.all()
      .filter((one) => one.account === account && one.service === service && one.region === region)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  all(): T[] {
    return [...this.#all.values()];
  }

  clear(): void {
    this.#all.clear();
  }
}
const keyOf = ({ account, service, region, id }: Place & { readonly id: string }): string =>
  `${account}/${service}/${region}/${id}`;

export class Fleet {
  readonly instances = new Collection<Instance>();
  readonly templates = new Collection<LaunchTemplate>();
  readonly configurations = new Collection<LaunchConfiguration>();

  clear(): void {
    for (const collection of [this.instances, this.templates, this.configurations]) collection.clear();
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
const random = (length: number): string => Array.from({ length }, () => letters[randomInt(letters.length)]).join('');

/** `i-bp67acfmxazb4p****` and `lt-bp168lnahrdwl39p****` on Alibaba's pages, `ins-xxxxxxxx` and `lt-xxxxxxxx` on Tencent's. */
const newId: Record<ServiceName, (prefix: string) => string> = {
  ens: (prefix) => `${prefix}-5${random(22)}`,
  ecs: (prefix) => `${prefix}-bp${random(18)}`,
  cvm: (prefix) => `${prefix}-${random(8)}`,
};
export const freshInstanceId = (service: ServiceName): string => newId[service](service === 'cvm' ? 'ins' : 'i');
export const freshTemplateId = (service: ServiceName): string => newId[service]('lt');
/** Both clouds call it that, by chance. */
export const freshConfigurationId = (service: ServiceName): string => newId[service]('asc');
