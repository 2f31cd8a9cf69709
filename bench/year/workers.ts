// Workers as the schedules of a deployment have them come, at moments of the virtual clock.
import { deadlineIn } from '../../lib/clock.ts';
import type { Identity } from '../../lib/identity.ts';
import { recover } from '../../lib/vending/recover.ts';
import { advance } from '../../lib/vending/rotation/advance.ts';
import { oldAtMs } from '../../lib/vending/rotation/rotation-schedule.ts';
import { sendDue } from '../../lib/vending/rotation/send-due.ts';
import type { Book, Pair } from './book.ts';
import type { Records } from './records.ts';
import type { Stack } from './stack.ts';
import type { Watch } from './watch.ts';

const HOUR_MS = 60 * 60_000;
/** Between two rounds, but for when a key is as old as it may get: hosts that are down for weeks would be asked for every hour. */
const REST_MS = 6 * HOUR_MS;
/** As many as a deployment has. */
const WORKERS = 5;

export class Workers {
  /** Over one key pair each. */
  passes = 0;
  readonly #stack: Stack;
  readonly #book: Book;
  readonly #watch: Watch;
  readonly #records: Records;

  constructor(stack: Stack, book: Book, watch: Watch, records: Records) {
    this.#stack = stack;
    this.#book = book;
    this.#watch = watch;
    this.#records = records;
  }

  /** Whatever is due is done, and then looked at. */
  async come(): Promise<void> {
    const { ports, clock, failed } = this.#stack;
    const due: Identity[] = [];
    await sendDue(ports, async (identity) => void due.push(identity));
    this.passes += due.length;
    const names = new Set(due.map(({ name }) => name));
    const pairs = this.#book.pairs.filter(({ identity }) => names.has(identity.name));
    const before = new Map<Pair, string | undefined>();
    for (const pair of pairs) before.set(pair, await this.#current(pair));
    const waiting = due.values();
    const worker = async () => {
      for (const identity of waiting) await advance(ports, identity, deadlineIn(clock, 120_000), failed).catch(failed);
    };
    await Promise.all(Array.from({ length: WORKERS }, worker));
    await recover(ports, { until: deadlineIn(clock, 290_000), failed });
    await this.#watch.lookAtTouched();
    for (const pair of pairs) {
      await this.#records.look(pair);
      // When another key has begun to count, every machine is logged in on.
      if ((await this.#current(pair)) !== before.get(pair))
        await Promise.all(this.#watch.readers(pair).map((account) => this.#watch.logsIn(pair, account)));
    }
  }

  /** When they come next. */
  async nextMs(lastMs: number): Promise<number> {
    const { ledger, rotation } = this.#stack.ports;
    const moments = [lastMs + REST_MS];
    for (const { identity } of this.#book.pairs) {
      const { record } = (await ledger.read(identity))!;
      moments.push(Math.max(oldAtMs(record, rotation.defaults) ?? Number.POSITIVE_INFINITY, lastMs + 1));
    }
    return Math.min(...moments);
  }

  async #current({ identity }: Pair): Promise<string | undefined> {
    const secret = await this.#stack.ports.store.find(identity);
    return secret?.versions.find(({ current }) => current)?.id;
  }
}
