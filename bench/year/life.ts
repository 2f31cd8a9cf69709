// What happens in a week, by a seed: hosts are listed and taken off lists, machines go down and come back, are installed anew and
// boot, instances are launched and released. Never so much at once that a policy's coverage could not be reached: that a rotation
// waits then is as it should be, and no year on time.
import { DAY_MS } from '../../lib/clock.ts';
import type { Agenda } from './agenda.ts';
import type { Book, Pair } from './book.ts';
import { Instances } from './instances.ts';
import { Lists } from './lists.ts';
import { emptied, type Machine, type Machines } from './machines.ts';
import type { Stack } from './stack.ts';

const HOUR_MS = 60 * 60_000;
const WEEK_MS = 7 * DAY_MS;

export class Life {
  readonly #stack: Stack;
  readonly #book: Book;
  readonly #machines: Machines;
  readonly #agenda: Agenda;
  readonly #lists: Lists;
  readonly #instances: Instances;
  #read = 0;

  constructor(stack: Stack, book: Book, machines: Machines, agenda: Agenda) {
    this.#stack = stack;
    this.#book = book;
    this.#machines = machines;
    this.#agenda = agenda;
    this.#lists = new Lists(stack, book, machines, agenda);
    this.#instances = new Instances(stack, book, agenda);
  }

  /** A key pair with its first hosts, and what is launched with it. */
  async begins(pair: Pair): Promise<void> {
    await this.#lists.begins(pair);
    await this.#instances.begins(pair);
  }

  plansWeek(): void {
    const few = Math.max(1, Math.round(this.#book.pairs.length / 6));
    const some = (most: number, act: () => unknown) => this.#agenda.some(most, WEEK_MS, act);
    some(2 * few, () => this.#lists.adds());
    some(2 * few, () => this.#lists.takesOff());
    some(few, () => this.#goesDown());
    some(1, () => this.#isInstalledAnew());
    some(few, () => this.#instances.launches());
    some(2 * few, () => this.#instances.boots());
  }

  /** A person sees to what an event tells of, a day or two later. */
  readsEvents(): void {
    for (const { type, name } of this.#stack.notices.slice(this.#read)) {
      const pair = this.#book.pairs.find(({ identity }) => identity.name === name);
      const lateMs = DAY_MS + this.#agenda.random.below(2 * DAY_MS);
      if (type === 'referenced' && pair !== undefined) this.#agenda.in(lateMs, () => this.#instances.retargets(pair));
    }
    this.#read = this.#stack.notices.length;
  }

  async #goesDown(): Promise<void> {
    const machine = this.#one();
    if (machine === undefined) return;
    await machine.down();
    this.#noted(machine, 'down');
    this.#agenda.counted('machine down for 1 to 4 weeks');
    this.#agenda.in(WEEK_MS + this.#agenda.random.below(3 * WEEK_MS), () => this.#comesBack(machine));
  }

  async #comesBack(machine: Machine): Promise<void> {
    await machine.up(this.#agenda.nowMs);
    this.#noted(machine, 'up');
    const isNew = this.#agenda.random.chance(0.25);
    const { nowMs } = this.#agenda;
    for (const account of machine.accounts) {
      if (isNew) await this.#lists.install(account);
      else
        for (const [, listing] of this.#lists.of(account))
          Object.assign(listing, { settledAtMs: nowMs + DAY_MS, behindSinceMs: nowMs });
      this.#instances.boot(account);
    }
    this.#agenda.counted(isNew ? 'back and installed anew' : 'back with the keys it had');
  }

  /** A person puts the keys there at once, or within a day. */
  async #isInstalledAnew(): Promise<void> {
    const machine = this.#one();
    if (machine === undefined) return;
    const installs = async () => {
      for (const account of machine.accounts) await this.#lists.install(account);
    };
    this.#noted(machine, 'installed anew');
    this.#agenda.counted('machine installed anew');
    if (this.#agenda.random.chance(0.5)) return installs();
    for (const account of machine.accounts) {
      account.write(emptied);
      for (const [, listing] of this.#lists.of(account)) listing.blank = true;
    }
    this.#agenda.in(this.#agenda.random.below(20 * HOUR_MS), installs);
  }

  /** One that can be spared. */
  #one(): Machine | undefined {
    const up = this.#machines.all.filter(({ isUp }) => isUp);
    const one = up.length === 0 ? undefined : this.#agenda.random.pick(up);
    return one !== undefined && this.#lists.isBearable(one) ? one : undefined;
  }

  #noted({ accounts }: Machine, what: string): void {
    for (const account of accounts) this.#book.note(account, this.#agenda.nowMs, what);
  }
}
