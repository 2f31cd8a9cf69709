// A key-pair service in memory, as its pages tell it apart from the other two: ENS has no tags, ECS tells an id only when a pair is
// made and deletes by name, CVM shows everything. It keeps a book of who made and who removed what.
import { VendingError } from '../../lib/errors.ts';
import type { FoundPair, MadePair, NewPair, ProviderName, Sighting } from '../../lib/providers/provider.ts';
import { Secret } from '../../lib/secret.ts';
import { keys } from './keys.ts';

export interface CloudPair extends FoundPair {
  readonly id: string;
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly createdAtMs: number;
  /** A process's name, or `stranger`. */
  readonly madeBy: string;
}

export interface Removal {
  readonly pair: CloudPair;
  readonly by: string;
  readonly atMs: number;
}

export class SimulatedCloud {
  readonly provider: ProviderName;
  readonly pairs: CloudPair[] = [];
  readonly removals: Removal[] = [];
  /** Every key that was ever handed out, to be looked for where it must not be. */
  readonly handedOut: { readonly pem: string; readonly publicKey: string; readonly id: string }[] = [];
  /** Pairs younger than this may not be listed yet. */
  lagMs = 0;
  /** Whether strangers' pairs lag, too: then an absence that was read may be untrue by as much, which widens ENS's window. */
  strangersLag = false;
  readonly #nowMs: () => number;
  #made = 0;

  constructor(provider: ProviderName, nowMs: () => number) {
    this.provider = provider;
    this.#nowMs = nowMs;
  }

  /** ECS tells the minute only. */
  get precisionMs(): number {
    return this.provider === 'ecs' ? 60_000 : 1_000;
  }

  create({ name, tags }: NewPair, by: string): MadePair {
    if (this.pairs.some((pair) => pair.name === name)) {
      throw new VendingError('NAME_TAKEN', 'Taken', { made: 'unknown' });
    }
    const { pem, publicKey, fingerprint } = keys[this.#made % keys.length]!;
    this.#made += 1;
    const id = `${this.provider}-${this.#made}`;
    const createdAtMs = this.#nowMs();
    const shownAt = new Date(createdAtMs - (createdAtMs % this.precisionMs));
    const pair = { id, name, publicKey, fingerprint, createdAt: shownAt, createdAtMs, madeBy: by };
    this.pairs.push({ ...pair, ...(tags === undefined ? {} : { tags }) });
    if (by !== 'stranger') this.handedOut.push({ pem, publicKey, id });
    const made = { id, name, fingerprint, privateKey: new Secret(pem), cloudTime: this.#clock() };
    return this.provider === 'cvm' ? { ...made, publicKey } : made;
  }

  find(name: string): Sighting {
    return { pairs: this.#listed().filter((pair) => pair.name === name), cloudTime: this.#clock() };
  }

  list(): Sighting {
    return { pairs: this.#listed(), cloudTime: this.#clock() };
  }

  remove({ id, name }: { readonly id?: string; readonly name: string }, by: string): 'removed' | 'absent' {
    const at = this.pairs.findIndex((pair) => (this.provider === 'ecs' ? pair.name === name : pair.id === id));
    if (at < 0) return 'absent';
    const [pair] = this.pairs.splice(at, 1);
    this.removals.push({ pair: pair!, by, atMs: this.#nowMs() });
    return 'removed';
  }

  #clock(): Date {
    return new Date(this.#nowMs() - (this.#nowMs() % 1_000));
  }

  #listed(): FoundPair[] {
    const old = this.#nowMs() - this.lagMs;
    return this.pairs
      .filter(({ createdAtMs, madeBy }) => createdAtMs <= old || (madeBy === 'stranger' && !this.strangersLag))
      .map(({ id, publicKey, tags, createdAtMs: _c, madeBy: _m, ...pair }) => ({
        ...pair,
        ...(this.provider === 'ecs' ? {} : { id }),
        ...(this.provider === 'ens' ? {} : { publicKey, tags: tags ?? {} }),
      }));
  }
}
