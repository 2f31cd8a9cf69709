// The way from a process to a service and back. A request is on its way by itself: once signed it may arrive when its process is
// dead, frozen, or has given up, and the service carries it out as long as its signature is young enough.
import { NoAnswer } from '../../lib/providers/wire.ts';
import type { Random } from '../random.ts';
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
  readonly errors: Errors;
  /** In the turn in which the request is signed: throws where it must not be. */
  readonly mayStillSign?: () => void;
  /** What the service does, at once. */
  readonly act: () => Promise<T>;
}

export class Line {
  readonly scheduler: Scheduler;
  readonly random: Random;
  plan: FaultPlan;
  /** A service that fails for a while, whoever asks. */
  outage: { readonly port: string; readonly fromMs: number; readonly untilMs: number } | undefined;
  readonly trace: string[] = [];

  constructor(scheduler: Scheduler, random: Random, plan: FaultPlan) {
    this.scheduler = scheduler;
    this.random = random;
    this.plan = plan;
  }

  note(who: string, what: string): void {
    this.trace.push(`${new Date(this.scheduler.nowMs).toISOString().slice(11, 23)} ${who.padEnd(12)} ${what}`);
  }

  async send<T>(process: Process, sending: Sending<T>): Promise<T> {
    const { call, timeoutMs, windowMs, errors, act } = sending;
    process.steps += 1;
    const fault = this.#isDown(call) ? 'fails' : this.plan.at(process.name, process.steps, call);
    this.note(process.name, `${process.steps} ${call}${fault === undefined ? '' : `  [${fault}]`}`);
    if (fault === 'crash before') return this.#die(process);
    if (fault === 'frozen before') this.#freeze(process);
    await this.scheduler.point(process, this.random.below(3));
    sending.mayStillSign?.();
    const signedAtMs = process.wallMs();
    if (fault === 'throttled') throw errors.throttled();

    let settled = false;
    const arrives = async (): Promise<T> => {
      await this.scheduler.point(network, this.#travels(fault, timeoutMs, windowMs));
      if (fault === 'request lost') return never();
      if (fault === 'fails') throw errors.failed();
      if (Math.abs(this.scheduler.nowMs - signedAtMs) > windowMs) throw errors.stale();
      const result = await act();
      if (settled) this.note('network', `${call} of ${process.name} is carried out late`);
      if (fault === 'answer lost') return never();
      if (fault === 'fails after') throw errors.failed();
      return result;
    };
    const timer = this.scheduler.timer(timeoutMs);
    const silence = timer.over.then(() => Promise.reject(errors.silence(new NoAnswer('timeout', true))));
    const outcome = await Promise.race([arrives(), silence]).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    settled = true;
    timer.cancel();
    if (fault === 'crash after') return this.#die(process);
    if (fault === 'frozen after') this.#freeze(process);
    await this.scheduler.point(process);
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  #isDown(call: string): boolean {
    const { port, fromMs, untilMs } = this.outage ?? { port: '', fromMs: 0, untilMs: 0 };
    return call.startsWith(`${port}.`) && fromMs <= this.scheduler.nowMs && this.scheduler.nowMs < untilMs;
  }

  #travels(fault: Fault | undefined, timeoutMs: number, windowMs: number): number {
    if (fault === 'late') return timeoutMs + this.random.below(windowMs + 60_000);
    if (fault === 'slow') return timeoutMs - 1 - this.random.below(timeoutMs / 4);
    return this.random.below(40);
  }

  #freeze(process: Process): void {
    const forMs = this.random.pick([5_000, 40_000, 90_000, 5 * 60_000, 17 * 60_000, 45 * 60_000]);
    process.freeze(forMs, this.random.pick(['wall', 'monotonic', 'none'] as const));
  }

  #die(process: Process): Promise<never> {
    process.alive = false;
    this.note(process.name, 'dies');
    return never();
  }
}

const never = (): Promise<never> => new Promise(() => {});
