// Event buses, what was put on them, and the rules that hand it on.
import type { SecretPlace } from './secrets.ts';

export interface Bus extends SecretPlace {
  readonly name: string;
  readonly description: string;
  readonly createdAtMs: number;
}

/** A CloudEvent as a target gets it. */
export type Envelope = Readonly<Record<string, unknown>>;

export interface Put {
  readonly bus: Bus;
  readonly envelope: Envelope;
}

/** The last ones that were put are kept; older ones go. */
const KEPT = 10_000;

export class Buses {
  readonly #buses = new Map<string, Bus>();
  #put: Put[] = [];
  /** Told of each event, once it is on its bus. */
  onPut: (put: Put) => void = () => {};

  create(bus: Bus): void {
    this.#buses.set(keyOf(bus), bus);
  }

  get(place: SecretPlace, name: string): Bus | undefined {
    return this.#buses.get(keyOf({ ...place, name }));
  }

  /** One place's, in the order in which they were made. */
  at({ account, region }: SecretPlace): Bus[] {
    return this.all().filter((bus) => bus.account === account && bus.region === region);
  }

  all(): Bus[] {
    return [...this.#buses.values()];
  }

  put(put: Put): void {
    this.#put = [...this.#put.slice(1 - KEPT), put];
    this.onPut(put);
  }

  events(): readonly Put[] {
    return this.#put;
  }

  clear(): void {
    this.#buses.clear();
    this.#put = [];
  }
}

const keyOf = ({ account, region, name }: SecretPlace & { readonly name: string }): string =>
  `${account}/${region}/${name}`;
