// A cloud's key-pair service in memory, as its pages tell it apart from the other two: ENS has no tags, ECS gives an id
// only when a pair is made and deletes by name, CVM shows everything. It keeps a book of who made and who removed what.
import { VendingError } from '../../lib/errors.ts';
import { hasTags, type ProviderName, rowOf } from '../../lib/provider-table.ts';
import type {
  FoundPair,
  ImportedPair,
  KeyPairProvider,
  MadePair,
  NewPair,
  PairName,
  Sighting,
} from '../../lib/providers/provider.ts';
import { Secret } from '../../lib/secret.ts';
import { fingerprints } from '../../lib/ssh/fingerprint.ts';
import type { CallLimits } from '../../lib/transport/wire.ts';
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
  /** Its key was somewhere else before. */
  readonly imported?: true;
}

export interface Removal {
  readonly pair: CloudPair;
  readonly by: string;
  readonly atMs: number;
  readonly askedAtMs: number;
  /** When what they had last seen of the name was true; infinite for those who have not looked. */
  readonly sawAtMs: number;
}

export const STRANGER = 'stranger';

/** What a create's answer may have of another pair: the key; or key and fingerprint, so that it agrees with itself. */
export type Lie = 'another key' | 'another pair';

export class MemoryCloud {
  readonly provider: ProviderName;
  readonly pairs: CloudPair[] = [];
  readonly removals: Removal[] = [];
  /** Every key that was ever handed out, to be looked for where it must not be. */
  readonly handedOut: (typeof keys)[number][] = [];
  /** What was answered to those who found a name free, by the name: the time on the cloud's own clock. */
  readonly seenFree = new Map<string, Set<string>>();
  /** What is read may be as old as this. */
  lagMs = 0;
  /** Strangers' pairs, too: then an absence or a presence that was read may be untrue, which widens the windows. */
  strangersLag = false;
  /** Told of every pair that is imported, at that moment. */
  readonly onImport: ((pair: CloudPair) => void)[] = [];
  /** Whether its fingerprints have a form that nobody knows. */
  vague = false;
  /** How far its clock is off. */
  skewMs = 0;
  /** Whether it does not say when a pair was made. */
  undated = false;
  /** Instances that have a pair, by its id, and until when: the cloud shows a binding for a while after its instance was released. */
  readonly bound = new Map<string, Map<string, number>>();
  bindingLagMs = 0;
  /** Whether a pair is deleted even while an instance has it: the pages of ENS contradict each other. */
  letsGo = false;
  /** Whether several pairs can have one name, of those that are imported: no page of ENS says. */
  sameNames = false;
  /** How long a name stays taken after its pair was deleted. */
  nameHeldMs = 0;
  /** What pairs were called, and until when. */
  readonly #calledBefore: { readonly pair: CloudPair; readonly atMs: number }[] = [];
  readonly #random: Random;
  readonly #nowMs: () => number;
  #made: number;

  /** @param firstKey which of the key pairs in stock is handed out first */
  constructor(provider: ProviderName, random: Random, nowMs: () => number, firstKey = 0) {
    this.#made = firstKey;
    this.provider = provider;
    this.#random = random;
    this.#nowMs = nowMs;
  }

  create(wanted: NewPair, by: string, lie?: Lie): MadePair {
    const { pem, ...evidence } = keys[this.#made % keys.length]!;
    const { id, name, fingerprint, publicKey } = this.#add(wanted, evidence, by);
    if (by !== STRANGER) this.handedOut.push({ pem, ...evidence });
    const other = keys[(this.#made + keys.length / 2) % keys.length]!; // of a pair that this run does not make
    const made = { id, name, cloudTime: this.time() };
    const privateKey = new Secret(lie === undefined ? pem : other.pem);
    if (this.provider === 'cvm') return { ...made, privateKey, fingerprint, publicKey };
    return { ...made, privateKey, fingerprint: lie === 'another pair' ? other.fingerprint : fingerprint };
  }

  import(wanted: NewPair & { readonly publicKey: string }, by: string): ImportedPair {
    const { publicKey } = wanted;
    // One key is one pair there, whatever its name is.
    const isKnown = this.provider === 'cvm' && this.pairs.some((one) => one.publicKey === publicKey);
    if (isKnown && this.#random.chance(0.5))
      throw new VendingError('PUBLIC_KEY_REFUSED', 'Registered already', { effect: 'unknown' });
    const key = { publicKey, fingerprint: fingerprints(publicKey).md5 };
    const { id, name, fingerprint } = this.#add(wanted, key, by, this.sameNames);
    if (isKnown) {
      this.pairs.pop();
      throw new VendingError('PUBLIC_KEY_REFUSED', 'Registered already', { effect: 'unknown' });
    }
    const pair: CloudPair = { ...this.pairs.pop()!, imported: true };
    this.pairs.push(pair);
    for (const tell of this.onImport) tell(pair);
    return this.provider === 'cvm' ? { name, id } : { name, fingerprint };
  }

  find({ region, name, id }: PairName & { readonly id?: string }): Sighting {
    const byId = this.renames && id !== undefined;
    const pairs = this.#shown((pair) => pair.region === region && (byId ? pair.id === id : pair.name === name));
    const cloudTime = this.time();
    if (pairs.length === 0 && !byId) {
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
      rowOf(this.provider).removesBy === 'name' ? region === gone.region && name === gone.name : id === gone.id;
    const at = this.pairs.findIndex(isMeant);
    if (at < 0) return 'absent';
    // Others detach it first.
    if (by !== STRANGER && !this.letsGo && this.holdersOf(this.pairs[at]!.id).length > 0)
      throw new VendingError('KEY_PAIR_IN_USE', 'An instance has it');
    const [pair] = this.pairs.splice(at, 1);
    this.removals.push({ pair: pair!, by, atMs: this.#nowMs(), ...times });
    return 'removed';
  }

  /** Whether a pair can be given another name. */
  get renames(): boolean {
    return this.provider === 'cvm';
  }

  rename(id: string, to: string): void {
    const pair = this.pairs.find((one) => one.id === id);
    if (pair === undefined) throw new VendingError('KEY_PAIR_ABSENT', 'No such pair');
    // Its own name may count as taken, too.
    if (this.pairs.some(({ region, name }) => region === pair.region && name === to))
      throw new VendingError('NAME_TAKEN', 'Taken', { effect: 'unknown' });
    this.#calledBefore.push({ pair, atMs: this.#nowMs() });
    this.pairs[this.pairs.indexOf(pair)] = { ...pair, name: to };
  }

  attach(id: string, instance: string): void {
    if (!this.bound.has(id)) this.bound.set(id, new Map());
    this.bound.get(id)!.set(instance, Number.POSITIVE_INFINITY);
  }

  release(instance: string): void {
    for (const instances of this.bound.values())
      if (instances.get(instance) === Number.POSITIVE_INFINITY)
        instances.set(instance, this.#nowMs() + this.bindingLagMs);
  }

  /** By a call: the cloud shows that at once, or a little later. */
  detach(id: string, instance: string): void {
    const instances = this.bound.get(id);
    if (instances?.has(instance)) instances.set(instance, this.#nowMs() + this.bindingLagMs);
  }

  /** In place of the pair that it has: one pair an instance. */
  rebind(id: string, instance: string): void {
    for (const [pair, instances] of this.bound)
      if (pair !== id && instances.get(instance) === Number.POSITIVE_INFINITY) this.detach(pair, instance);
    this.attach(id, instance);
  }

  holdersOf(id: string): { readonly id: string }[] {
    const nowMs = this.#nowMs();
    return [...(this.bound.get(id) ?? [])]
      .filter(([, untilMs]) => untilMs > nowMs)
      .map(([instance]) => ({ id: instance }));
  }

  /** To the second, as in a Date header. */
  time(): Date {
    const ms = this.#nowMs() + this.skewMs;
    return new Date(ms - (ms % 1_000));
  }

  #add(
    { region, name, tags }: NewPair,
    key: { publicKey: string; fingerprint: string },
    madeBy: string,
    sameNames = false,
  ): CloudPair {
    const isHeld = ({ pair, atMs }: Removal) =>
      pair.region === region && pair.name === name && this.#nowMs() < atMs + this.nameHeldMs;
    const held = madeBy !== STRANGER && this.removals.some(isHeld);
    if (held || (!sameNames && this.pairs.some((pair) => pair.region === region && pair.name === name))) {
      throw new VendingError('NAME_TAKEN', 'Taken', { effect: 'unknown' });
    }
    this.#made += 1;
    const { publicKey } = key;
    const fingerprint = this.vague ? `${key.fingerprint}:00:00:00:00` : key.fingerprint;
    const id = `${this.provider === 'cvm' ? 'skey' : 'ssh'}-${this.#made}`;
    const createdAtMs = this.#nowMs();
    const shownMs = createdAtMs + this.skewMs;
    const createdAt = new Date(shownMs - (shownMs % rowOf(this.provider).createdAtPrecisionMs));
    const pair = { id, region, name, publicKey, fingerprint, createdAt, createdAtMs, madeBy };
    this.pairs.push({ ...pair, ...(tags === undefined ? {} : { tags }) });
    return pair;
  }

  /** As it was a moment ago, or longer: what is new may still be missing, and what is gone may still be there. */
  #shown(wanted: (pair: CloudPair) => boolean): FoundPair[] {
    const lagMs = this.lagMs === 0 ? 0 : this.#random.pick([0, this.lagMs, this.#random.below(this.lagMs)]);
    const thenMs = this.#nowMs() - lagMs;
    const lags = (who: string) => this.strangersLag || who !== STRANGER;
    const asCalled = (pair: CloudPair) =>
      this.#calledBefore.find((one) => one.pair.id === pair.id && one.atMs > thenMs)?.pair ?? pair;
    const there = this.pairs.filter(({ createdAtMs, madeBy }) => createdAtMs <= thenMs || !lags(madeBy)).map(asCalled);
    const gone = this.removals
      .filter(({ pair, by, atMs }) => atMs > thenMs && lags(by) && pair.createdAtMs <= thenMs)
      .map(({ pair }) => pair);
    return [...gone, ...there].filter(wanted).map(({ id, name, fingerprint, publicKey, createdAt, tags }) => ({
      name,
      fingerprint,
      ...(this.undated ? {} : { createdAt }),
      ...(this.provider === 'ecs' ? {} : { id }),
      ...(hasTags(this.provider) ? { publicKey, tags: tags ?? {} } : {}),
    }));
  }
}

/** How a process reaches the cloud, and under which name the cloud's book knows it. */
export interface Way {
  readonly by: string;
  /** Carries a call out, or has it fail. */
  send<T>(
    action: 'create' | 'import' | 'find' | 'list' | 'count' | 'remove',
    limits: CallLimits,
    act: (lie?: Lie) => T,
  ): Promise<T>;
  /** When a delete was asked for, and when what had last been seen of the name was true. */
  times(name: string): Pick<Removal, 'askedAtMs' | 'sawAtMs'>;
}

/** The cloud as its adapter shows it. */
export const memoryProvider = (cloud: MemoryCloud, { by, send, times }: Way): KeyPairProvider => ({
  provider: cloud.provider,
  create: (pair, limits) => send('create', limits, (lie) => cloud.create(pair, by, lie)),
  import: (pair, limits) => send('import', limits, () => cloud.import(pair, by)),
  find: (place, limits) => send('find', limits, () => cloud.find(place)),
  async list(where, limits) {
    if (where.tags !== undefined && !hasTags(cloud.provider)) throw new TypeError('there are no tags to list by');
    return send('list', limits, () => cloud.list(where));
  },
  count: (region, limits) => send('count', limits, () => cloud.pairs.filter((pair) => pair.region === region).length),
  async remove(pair, limits) {
    if (rowOf(cloud.provider).removesBy === 'id' && pair.id === undefined) throw new TypeError('goes by id');
    const asked = times(pair.name);
    return send('remove', limits, () => cloud.remove(pair, by, asked));
  },
});
