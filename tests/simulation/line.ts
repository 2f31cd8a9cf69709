// The way from a process to a service and back. A request is on its way by itself: once signed it may arrive when its
// process is dead, frozen, or has given up, and the service carries it out as long as its signature is young enough.
import { NoAnswer } from '../../lib/transport/wire.ts';
import type { Random } from '../doubles/random.ts';
import type { Fault, FaultPlan } from './faults.ts';
import type { Process } from './process.ts';
import { network, type Scheduler } from './scheduler.ts';

export interface Errors {
  /** Nothing was sent. */
  unsent(): Error;
  /** Sent, and no answer came in time. */
  silence(cause: NoAnswer): Error;
  /** Refused; try again later. */
  throttled(): Error;
  /** Refused for good. */
  refused(): Error;
  /** The service failed and does not say whether before or after it acted. */
  failed(): Error;
  /** Refused for its age. */
  stale(): Error;
}

export interface Sending<T> {
  /** As in `ledger.write`. */
  readonly call: string;
  readonly timeoutMs: number;
  /** How old a signature may be when it arrives. */
  readonly windowMs: number;
  /** How far the clock of the service is off, by which it judges that. */
  readonly skewMs?: number;
  readonly errors: Errors;
  /** In the turn in which the request is signed: throws where it must not be. */
  readonly mayStillSign?: () => void;
  /** What the service does, at once. It may be made to lie. */
  readonly act: (fault: Fault['kind'] | undefined) => Promise<T>;
}

/** A service that does not work for a while, whoever asks: each call has one of the faults. */
export interface Outage {
  readonly port: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly faults: readonly Fault[];
}

export class Line {
  readonly scheduler: Scheduler;
  readonly random: Random;
  plan: FaultPlan;
  outage: Outage | undefined;
  /** By call: how many were signed, and how many of those have not arrived yet. */
  readonly sent = new Map<string, number>();
  readonly underWay = new Map<string, number>();
  /** Told of every request at the moment it is signed. */
  readonly signed: ((call: string) => void)[] = [];
  /** Told of every request that was carried out. */
  readonly acted: ((call: string) => void)[] = [];
  readonly #notes: (readonly [ms: number, who: string, what: string])[] = [];

  constructor(scheduler: Scheduler, random: Random, plan: FaultPlan) {
    this.scheduler = scheduler;
    this.random = random;
    this.plan = plan;
  }

  note(who: string, what: string): void {
    this.#notes.push([this.scheduler.nowMs, who, what]);
  }

  get trace(): readonly string[] {
    return this.#notes.map(
      ([ms, who, what]) => `${new Date(ms).toISOString().slice(11, 23)} ${who.padEnd(12)} ${what}`,
    );
  }

  async send<T>(process: Process, sending: Sending<T>): Promise<T> {
    const { call, timeoutMs, errors } = sending;
    const step = process.calls.push(call);
    const fault = this.#outageOf(call) ?? this.plan.at(process.name, step, call);
    const how = fault === undefined ? '' : `  [${'forMs' in fault ? `${fault.kind}, ${fault.forMs} ms` : fault.kind}]`;
    this.note(process.name, `${step} ${call}${how}`);
    if (fault?.kind === 'crash before') return this.#die(process);
    if (fault?.kind === 'frozen before') process.freeze(fault.forMs, fault.stands);
    await this.scheduler.point(process, this.random.below(3));
    sending.mayStillSign?.();
    if (fault?.kind === 'throttled') throw errors.throttled();
    if (fault?.kind === 'refused') throw errors.refused();

    const waiting = { over: false };
    const timer = this.scheduler.timer(timeoutMs);
    const silence = timer.over.then(() => Promise.reject(errors.silence(new NoAnswer('timeout', true))));
    const outcome = await Promise.race([this.#arrives(process, sending, fault, waiting), silence]).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    waiting.over = true;
    timer.cancel();
    if (fault?.kind === 'crash after') return this.#die(process);
    if (fault?.kind === 'frozen after') process.freeze(fault.forMs, fault.stands);
    await this.scheduler.point(process);
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  async #arrives<T>(
    process: Process,
    { call, timeoutMs, windowMs, skewMs = 0, errors, act }: Sending<T>,
    fault: Fault | undefined,
    waiting: { readonly over: boolean },
  ): Promise<T> {
    const signedAtMs = process.wallMs();
    this.sent.set(call, (this.sent.get(call) ?? 0) + 1);
    this.underWay.set(call, (this.underWay.get(call) ?? 0) + 1);
    for (const tell of this.signed) tell(call);
    await this.scheduler.point(network, this.#travelsMs(fault, timeoutMs));
    this.underWay.set(call, this.underWay.get(call)! - 1);
    if (fault?.kind === 'request lost') return never();
    if (fault?.kind === 'fails') throw errors.failed();
    const stale = Math.abs(this.scheduler.nowMs + skewMs - signedAtMs) > windowMs;
    if (waiting.over) this.note('network', `${call} of ${process.name} arrives late${stale ? ', too late' : ''}`);
    if (stale) throw errors.stale();
    const result = await act(fault?.kind);
    for (const tell of this.acted) tell(call);
    if (fault?.kind === 'twice') void this.#again(process, call, fault.byMs, () => act(undefined));
    if (fault?.kind === 'answer lost') return never();
    if (fault?.kind === 'fails after') throw errors.failed();
    return result;
  }

  async #again(process: Process, call: string, inMs: number, act: () => Promise<unknown>): Promise<void> {
    this.underWay.set(call, this.underWay.get(call)! + 1);
    await this.scheduler.point(network, inMs);
    this.underWay.set(call, this.underWay.get(call)! - 1);
    this.note('network', `${call} of ${process.name} arrives once more`);
    await act().catch(() => {});
    for (const tell of this.acted) tell(call);
  }

  #outageOf(call: string): Fault | undefined {
    const { outage, scheduler, random } = this;
    if (outage === undefined || !call.startsWith(`${outage.port}.`)) return undefined;
    return outage.fromMs <= scheduler.nowMs && scheduler.nowMs < outage.untilMs
      ? random.pick(outage.faults)
      : undefined;
  }

  #travelsMs(fault: Fault | undefined, timeoutMs: number): number {
    if (fault?.kind === 'late') return timeoutMs + fault.byMs;
    if (fault?.kind === 'slow') return timeoutMs - 1 - this.random.below(timeoutMs / 4);
    return this.random.below(40);
  }

  #die(process: Process): Promise<never> {
    process.alive = false;
    this.note(process.name, 'dies');
    return never();
  }
}

const never = (): Promise<never> => new Promise(() => {});
