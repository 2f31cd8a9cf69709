// A key-pair service in memory, as its pages tell it apart from the other two: ENS has no tags, ECS tells an id only when a pair is
// made and deletes by name, CVM shows everything. It keeps a book of who made and who removed what.
import { VendingError } from '../../lib/errors.ts';
import type {
  FoundPair,
  ImportedPair,
  MadePair,
  NewPair,
  PairName,
  ProviderName,
  Sighting,
} from '../../lib/providers/provider.ts';
import { Secret } from '../../lib/secret.ts';
import { fingerprints } from '../../lib/ssh/fingerprint.ts';
import type { Fault } from '../simulation/faults.ts';
import { keys } from './key-pairs.ts';
import type { Random } from './random.ts';

export interface CloudPair extends FoundPair, PairName {
  readonly id: string;
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly createdAt: Date;
  readonly createdAtMs: number;
  /** A process's name, or `stranger`. */
  readonly madeBy: string;
}

export interface Removal {
  readonly pair: CloudPair;
  readonly by: string;
  readonly atMs: number;
  readonly askedAtMs: number;
  /** When what they had last seen of the name was true; infinite for who has not looked. */
  readonly sawAtMs: number;
}

export const STRANGER = 'stranger';

export class SimulatedCloud {
  readonly provider: ProviderName;
  readonly pairs: CloudPair[] = [];
  readonly removals: Removal[] = [];
  /** Every key that was ever handed out, to be looked for where it must not be. */
  readonly handedOut: (typeof keys)[number][] = [];
  /** What was answered to who found a name free, by the name: the time on the cloud's own clock. */
  readonly seenFree = new Map<string, Set<string>>();
  /** What is read may be as old as this. */
  lagMs = 0;
  /** Strangers' pairs, too: then an absence or a presence that was read may be untrue, which widens the windows. */
  strangersLag = false;
  /** Whether its fingerprints have a form that nobody knows. */
  vague = false;
  /** How far its clock is off. */
  skewMs = 0;
  readonly #random: Random;
  readonly #nowMs: () => number;
  #made = 0;

  constructor(provider: ProviderName, random: Random, nowMs: () => number) {
    this.provider = provider;
    this.#random = random;
    this.#nowMs = nowMs;
  }

  /** ECS tells the minute only. */
  get precisionMs(): number {
    return this.provider === 'ecs' ? 60_000 : 1_000;
  }

  create(wanted: NewPair, by: string, fault?: Fault['kind']): MadePair {
    const { pem, ...evidence } = keys[this.#made % keys.length]!;
    const { id, name, fingerprint, publicKey } = this.#add(wanted, evidence, by);
    if (by !== STRANGER) this.handedOut.push({ pem, ...evidence });
    const other = keys[(this.#made + keys.length / 2) % keys.length]!; // of a pair that this run does not make
    const made = { id, name, cloudTime: this.time() };
    const privateKey = new Secret(fault === 'another pair' || fault === 'another key' ? other.pem : pem);
    if (this.provider === 'cvm') return { ...made, privateKey, fingerprint, publicKey };
    return { ...made, privateKey, fingerprint: fault === 'another pair' ? other.fingerprint : fingerprint };
  }

  import(wanted: NewPair & { readonly publicKey: string }, by: string): ImportedPair {
    const { publicKey } = wanted;
    const { id, name, fingerprint } = this.#add(wanted, { publicKey, fingerprint: fingerprints(publicKey).md5 }, by);
    return this.provider === 'cvm' ? { name, id } : { name, fingerprint };
  }

  find({ region, name }: PairName): Sighting {
    const pairs = this.#shown((pair) => pair.region === region && pair.name === name);
    const cloudTime = this.time();
    if (pairs.length === 0) {
      if (!this.seenFree.has(name)) this.seenFree.set(name, new Set());
      this.seenFree.get(name)!.add(cloudTime.toISOString());
    }
    return { pairs, cloudTime };
  }

  list({ region, tags = {} }: { readonly region: string; readonly tags?: NewPair['tags'] }): Sighting {
    const wanted = Object.entries(tags);
    const fits = (pair: CloudPair) => wanted.every(([tag, value]) => pair.tags?.[tag] === value);
    return { pairs: this.#shown((pair) => pair.region === region && fits(pair)), cloudTime: this.time() };
  }

  remove(
    gone: PairName & { readonly id?: string },
    by: string,
    times: Pick<Removal, 'askedAtMs' | 'sawAtMs'>,
  ): 'removed' | 'absent' {
    const isMeant = ({ id, region, name }: CloudPair) =>
      this.provider === 'ecs' ? region === gone.region && name === gone.name : id === gone.id;
    const at = this.pairs.findIndex(isMeant);
    if (at < 0) return 'absent';
    const [pair] = this.pairs.splice(at, 1);
    this.removals.push({ pair: pair!, by, atMs: this.#nowMs(), ...times });
    return 'removed';
  }

  /** To the second, as in a Date header. */
  time(): Date {
    const ms = this.#nowMs() + this.skewMs;
    return new Date(ms - (ms % 1_000));
  }

  #add({ region, name, tags }: NewPair, key: { publicKey: string; fingerprint: string }, madeBy: string): CloudPair {
    if (this.pairs.some((pair) => pair.region === region && pair.name === name)) {
      throw new VendingError('NAME_TAKEN', 'Taken', { effect: 'unknown' });
    }
    this.#made += 1;
    const { publicKey } = key;
    const fingerprint = this.vague ? `${key.fingerprint}:00:00:00:00` : key.fingerprint;
    const id = `${this.provider === 'cvm' ? 'skey' : 'ssh'}-${this.#made}`;
    const createdAtMs = this.#nowMs();
    const shownMs = createdAtMs + this.skewMs;
    const createdAt = new Date(shownMs - (shownMs % this.precisionMs));
    const pair = { id, region, name, publicKey, fingerprint, createdAt, createdAtMs, madeBy };
    this.pairs.push({ ...pair, ...(tags === undefined ? {} : { tags }) });
    return pair;
  }

  /** As it was a moment ago, or longer: what is new may be missing yet, and what is gone may be there still. */
  #shown(wanted: (pair: CloudPair) => boolean): FoundPair[] {
    const lagMs = this.lagMs === 0 ? 0 : this.#random.pick([0, this.lagMs, this.#random.below(this.lagMs)]);
    const thenMs = this.#nowMs() - lagMs;
    const lags = (who: string) => this.strangersLag || who !== STRANGER;
    const there = this.pairs.filter(({ createdAtMs, madeBy }) => createdAtMs <= thenMs || !lags(madeBy));
    const gone = this.removals
      .filter(({ pair, by, atMs }) => atMs > thenMs && lags(by) && pair.createdAtMs <= thenMs)
      .map(({ pair }) => pair);
    return [...gone, ...there].filter(wanted).map(({ id, name, fingerprint, publicKey, createdAt, tags }) => ({
      name,
      fingerprint,
      createdAt,
      ...(this.provider === 'ecs' ? {} : { id }),
      ...(this.provider === 'ens' ? {} : { publicKey, tags: tags ?? {} }),
    }));
  }
}
