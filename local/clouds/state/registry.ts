// The key pairs that exist: public data only. One map of them per account, service and region.
import { randomInt } from 'node:crypto';

export type ServiceName = 'ens' | 'ecs' | 'cvm';
export const serviceNames = ['ens', 'ecs', 'cvm'] as const;

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export interface Pair {
  readonly id: string;
  readonly service: ServiceName;
  readonly account: string;
  /** `global` for ENS, which has none. */
  readonly region: string;
  readonly name: string;
  /** How the pair came to be; `composed` shares a prime with another local key, a `stranger` was put here by a test. */
  readonly origin: 'generated' | 'composed' | 'imported' | 'stranger';
  /** `<type> <base64>`, without a comment. */
  readonly publicKey: string;
  /** Lower-case hex without separators; which digest it is was settled when the pair was made. */
  readonly fingerprint: string;
  readonly createdAtMs: number;
  readonly tags: readonly Tag[];
  /** ECS; empty when none was given. */
  readonly resourceGroupId: string;
  /** CVM. */
  readonly projectId: number;
  /** CVM: images that hold it. No call lists them, and the pair cannot be deleted. */
  readonly imageIds?: readonly string[];
  /** Listings leave the pair out until both are over. */
  readonly hiddenForCalls: number;
  readonly hiddenUntilMs: number;
}

export interface Place {
  readonly account: string;
  readonly service: ServiceName;
  readonly region: string;
}

const keyOf = ({ account, service, region }: Place): string => `${account}/${service}/${region}`;

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
const random = (length: number): string => Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
/** `ssh-bp67acfmxazb4p****` on Alibaba's pages, `skey-mv9yzyjj` on Tencent's. */
const newId: Record<ServiceName, () => string> = {
  ens: () => `ssh-5${random(22)}`,
  ecs: () => `ssh-bp${random(18)}`,
  cvm: () => `skey-${random(8)}`,
};

export class Registry {
  readonly #byId = new Map<string, Pair>();
  readonly #byPlace = new Map<string, Map<string, Pair>>();
  /** Names of deleted pairs that cannot be used yet, and until when. */
  readonly #lingering = new Map<string, number>();

  /** An id no pair has. */
  freshId(service: ServiceName): string {
    for (;;) {
      const id = newId[service]();
      if (!this.#byId.has(id)) return id;
    }
  }

  /** Adds the pair, or replaces the one of the same id. */
  put(pair: Pair): void {
    this.#byId.set(pair.id, pair);
    const here = this.#byPlace.get(keyOf(pair)) ?? new Map<string, Pair>();
    this.#byPlace.set(keyOf(pair), here.set(pair.id, pair));
  }

  remove(pair: Pair): void {
    this.#byId.delete(pair.id);
    this.#byPlace.get(keyOf(pair))?.delete(pair.id);
  }

  /** A deleted pair's name stays taken until then, on the server's clock. A restart forgets it. */
  linger(pair: Pair, untilMs: number): void {
    this.#lingering.set(`${keyOf(pair)}/${pair.name}`, untilMs);
  }

  isLingering(place: Place, name: string, nowMs: number): boolean {
    return (this.#lingering.get(`${keyOf(place)}/${name}`) ?? 0) > nowMs;
  }

  get(id: string): Pair | undefined {
    return this.#byId.get(id);
  }

  /** One place's pairs, oldest first. */
  at(place: Place): Pair[] {
    return [...(this.#byPlace.get(keyOf(place))?.values() ?? [])];
  }

  /** Pairs by what they have in common, oldest first. */
  all(where: Partial<Place> = {}): Pair[] {
    const wanted = Object.entries(where) as [keyof Place, string][];
    return [...this.#byId.values()].filter((pair) => wanted.every(([field, value]) => pair[field] === value));
  }

  clear(): void {
    this.#byId.clear();
    this.#byPlace.clear();
    this.#lingering.clear();
  }
}

/** CVM's public keys carry `skey_<digits>` as comment, which is not the key's id. Derived, so that it stays the same. */
export const commentOf = (pair: Pair): string =>
  `skey_${[...pair.id].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 1_000_000, 7)}`;
