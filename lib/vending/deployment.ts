// Which keyvend this is. A deployment has an id of its own, made once and kept in its ledger: the tag on its pairs says it. Two
// deployments of the same name, in two regions or beside a lost ledger, are thus two. The id belongs to the very table or file
// that it was made in: a ledger that was restored or copied knows less than has happened since, so it is fenced. It can be read
// and compared, but nothing is made, deleted, edited or purged by it before a person has confirmed it.
import type { Clock } from '../clock.ts';
import { VendingError } from '../errors.ts';
import type { Indexed, Ledger } from '../ledger/ledger.ts';

export interface DeploymentId {
  /** What the tag says on pairs that are made now. */
  readonly tag: string;
  /** What it was before the ledger was last confirmed, the latest first. */
  readonly earlier: readonly string[];
  /** Whether the ledger is the one that the id was made in, or confirmed for. */
  readonly isHome: boolean;
}

interface Filed {
  readonly id: string;
  readonly earlier: readonly string[];
  /** As `Ledger.home` says it. */
  readonly home: string;
}

const KEY = 'deployment';
/** The last second of the year 9999: what is remembered until then is not forgotten. */
export const FOREVER_MS = Date.UTC(9999, 11, 31, 23, 59, 59);
/** How long a process goes by what it has read. */
const FRESH_MS = 60_000;

type Facts = Pick<Ledger<Indexed, unknown>, 'home' | 'recall' | 'remember' | 'restate'>;

export class Deployment {
  readonly #ledger: Facts;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #newId: () => string;
  #filed: { readonly value: Promise<Filed>; readonly untilMs: number } | undefined;
  #homeUntilMs = Number.NEGATIVE_INFINITY;
  /** Asked by whoever needs it at the same moment. */
  #asserting: Promise<void> | undefined;

  /** @param name the deployment's name, which may be another deployment's as well */
  constructor(name: string, ledger: Facts, clock: Clock, newId: () => string) {
    this.#name = name;
    this.#ledger = ledger;
    this.#clock = clock;
    this.#newId = newId;
  }

  /** @throws {VendingError} LEDGER_UNAVAILABLE */
  async tags(): Promise<Omit<DeploymentId, 'isHome'>> {
    const { id, earlier } = await this.#read();
    return { tag: id, earlier };
  }

  /**
   * To be asked before anything is made, deleted, edited or purged.
   * @throws {VendingError} LEDGER_FENCED, LEDGER_UNAVAILABLE
   */
  assertHome(): Promise<void> {
    if (this.#clock.monotonicMs() < this.#homeUntilMs) return Promise.resolve();
    this.#asserting ??= this.#assertHome().finally(() => {
      this.#asserting = undefined;
    });
    return this.#asserting;
  }

  async #assertHome(): Promise<void> {
    if (!(await this.look()).isHome) {
      this.#filed = undefined; // somebody may have confirmed it since
      if (!(await this.look()).isHome) throw fenced();
    }
    this.#homeUntilMs = this.#clock.monotonicMs() + FRESH_MS;
  }

  async look(): Promise<DeploymentId> {
    const [{ home }, tags, here] = await Promise.all([this.#read(), this.tags(), this.#ledger.home()]);
    return { ...tags, isHome: home === here };
  }

  /**
   * A person says that this ledger, restored or copied, is to be gone on with. Its pairs get another tag from now on, so that
   * the ledger it was copied from is told apart from it.
   */
  async confirm(): Promise<DeploymentId> {
    const { id, earlier } = await this.#read();
    const filed: Filed = { id: this.#freshId(), earlier: [id, ...earlier], home: await this.#ledger.home() };
    await this.#ledger.restate(KEY, JSON.stringify(filed), FOREVER_MS);
    this.#filed = undefined;
    return this.look();
  }

  #read(): Promise<Filed> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#filed !== undefined && nowMs < this.#filed.untilMs) return this.#filed.value;
    const value = this.#readOrMake();
    this.#filed = { value, untilMs: nowMs + FRESH_MS };
    value.catch(() => {
      this.#filed = undefined;
    });
    return value;
  }

  async #readOrMake(): Promise<Filed> {
    const nowMs = this.#clock.wallMs();
    const standing = await this.#ledger.recall(KEY, nowMs);
    if (standing !== undefined) return JSON.parse(standing) as Filed;
    const made: Filed = { id: this.#freshId(), earlier: [], home: await this.#ledger.home() };
    return JSON.parse(await this.#ledger.remember(KEY, JSON.stringify(made), nowMs, FOREVER_MS)) as Filed;
  }

  #freshId(): string {
    return `${this.#name}-${this.#newId().replaceAll('-', '').slice(0, 12)}`;
  }
}

const fenced = () =>
  new VendingError('LEDGER_FENCED', 'This ledger was restored or copied, and nobody has confirmed it');
