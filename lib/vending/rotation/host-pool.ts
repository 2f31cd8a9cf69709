// Several hosts at a time: as soon as one is done, the next is begun. What is to be on record before a host is begun is written
// ahead for some of them, together with the outcomes that have come by then: one write for as many hosts as there may be at once.
import type { Host } from '../../hosts/hosts.ts';
import type { HostBook, HostPass } from './host-pass.ts';
import { type ManagementKey, managementKeyOf } from './management-key.ts';
import { hostName, policyOf } from './policy.ts';
import type { HostProgress, Work } from './rotation-record.ts';
import { HOST_MS, type Tried, tryHost } from './try-host.ts';
import type { WorkLease } from './work-lease.ts';

interface Waiting<P> {
  readonly host: Host;
  /** Its progress before anything was written of it. */
  readonly was: P;
}

export interface Round {
  /** Begins with the first host alone; if that one refuses, no other is begun. */
  readonly withCanary?: boolean;
  /** How long a host may take for its first word, milliseconds. */
  readonly firstWordMs?: number;
}

export class HostPool<W extends Work, P extends HostProgress> {
  readonly #lease: WorkLease<W>;
  readonly #book: HostBook<W, P>;
  readonly #pass: HostPass<P>;
  readonly #management: ManagementKey | undefined;
  readonly #most: number;
  #failed = 0;
  #isStopped = false;
  #defect: { readonly error: unknown } | undefined;

  constructor(lease: WorkLease<W>, book: HostBook<W, P>, pass: HostPass<P>) {
    this.#lease = lease;
    this.#book = book;
    this.#pass = pass;
    this.#management = managementKeyOf(lease);
    this.#most = policyOf(lease.record, lease.ports.rotation.defaults).maxParallelHosts;
  }

  /** How many hosts have failed; of those that said nothing in time, none. */
  get failed(): number {
    return this.#failed;
  }

  /** Whether a further host may be begun, but for the time that is left. */
  get goesOn(): boolean {
    return !this.#isStopped && this.#failed <= (this.#pass.mayFail ?? Number.POSITIVE_INFINITY);
  }

  /**
   * @returns those that said nothing in time, as they were before
   * @throws {VendingError} DEADLINE_PASSED when there was no time for all of them; LEASE_LOST; and whatever was no failure of a host,
   * once nothing is under way on any
   */
  async run(hosts: readonly Waiting<P>[], { withCanary = false, firstWordMs }: Round): Promise<Waiting<P>[]> {
    const lease = this.#lease;
    const left = [...hosts];
    /** On record as begun. */
    const ready: Waiting<P>[] = [];
    const underWay = new Set<Promise<void>>();
    /** Not on record yet. */
    const done: Tried<P>[] = [];
    const silent: Waiting<P>[] = [];
    let alone = withCanary;
    const begin = (one: Waiting<P>) => {
      const trying = tryHost(lease, this.#pass, this.#management, { ...one, firstWordMs }).then((tried) => {
        underWay.delete(trying);
        done.push(tried);
        if (tried.isSilent) silent.push(one);
        else this.#counts(tried, alone);
        alone = false;
      });
      underWay.add(trying);
    };
    const isTime = () => lease.leftMs() >= HOST_MS;
    try {
      for (;;) {
        const most = alone ? 1 : this.#most;
        const begins = this.goesOn && isTime();
        const isShort = begins && ready.length === 0 && left.length > 0 && underWay.size < most;
        if (isShort || done.length >= this.#most || (underWay.size === 0 && !(begins && ready.length > 0))) {
          const next = begins ? left.splice(0, most - ready.length) : [];
          await this.#write(next, done.splice(0));
          ready.push(...next);
        }
        while (this.goesOn && isTime() && underWay.size < most && ready.length > 0) begin(ready.shift()!);
        if (underWay.size > 0) await Promise.race(underWay);
        else if (done.length === 0) break;
      }
      await this.#takeBack(ready);
    } finally {
      await Promise.all(underWay);
    }
    if (this.#defect !== undefined) throw this.#defect.error;
    if (this.goesOn && left.length + ready.length > 0) lease.requireTime(HOST_MS);
    return silent;
  }

  #counts({ failure, defect }: Tried<P>, wasAlone: boolean): void {
    if (failure === undefined) return;
    this.#failed += 1;
    if (defect !== undefined) this.#defect ??= { error: defect };
    if (defect !== undefined || (wasAlone && !tellsNothing(failure))) this.#isStopped = true;
  }

  async #write(begun: readonly Waiting<P>[], done: readonly Tried<P>[]): Promise<void> {
    const { before } = this.#pass;
    if (done.length === 0 && (before === undefined || begun.length === 0)) return;
    await this.#lease.change((work, record) => {
      const read = (host: Host) => this.#book.read(work, record, host);
      const [next, rest] = this.#book.write(work, record, {
        ...Object.fromEntries(done.map(({ host, change }) => [hostName(host), change(read(host))])),
        ...(before && Object.fromEntries(begun.map(({ host }) => [hostName(host), before(read(host))]))),
      });
      const seen = Object.fromEntries(done.flatMap(({ host, seen }) => (seen ? [[hostName(host), seen]] : [])));
      return [next, Object.keys(seen).length === 0 ? rest : { ...rest, hostKeys: { ...rest.hostKeys, ...seen } }];
    });
  }

  /** Nothing was sent to them after all. */
  async #takeBack(ready: readonly Waiting<P>[]): Promise<void> {
    if (this.#pass.before === undefined || ready.length === 0) return;
    await this.#lease.change((work, record) =>
      this.#book.write(work, record, Object.fromEntries(ready.map(({ host, was }) => [hostName(host), was]))),
    );
  }
}

/** A canary that is down, or that we may not log in on, says nothing about the others; one that refuses does. */
const tellsNothing = ({ outcome, code }: Pick<HostProgress, 'code' | 'outcome'>): boolean =>
  outcome === 'unverified' || ofPolicy.has(code);
const ofPolicy: ReadonlySet<string | undefined> = new Set([
  'HOST_NOT_MANAGED',
  'MANAGEMENT_KEY_ABSENT',
  'HOST_FORBIDDEN',
]);
