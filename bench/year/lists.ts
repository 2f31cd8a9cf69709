// Which accounts a key pair's policy lists, and the keys that people put there.
import { DAY_MS } from '../../lib/clock.ts';
import { setPolicy } from '../../lib/vending/rotation/rotation-commands.ts';
import type { Agenda } from './agenda.ts';
import type { Book, Listing, Pair } from './book.ts';
import { type Account, emptied, type Machine, type Machines, withOnly } from './machines.ts';
import type { Stack } from './stack.ts';

const LEAST_HOSTS = 3;
const MOST_HOSTS = 5;

export class Lists {
  readonly #stack: Stack;
  readonly #book: Book;
  readonly #machines: Machines;
  readonly #agenda: Agenda;

  constructor(stack: Stack, book: Book, machines: Machines, agenda: Agenda) {
    this.#stack = stack;
    this.#book = book;
    this.#machines = machines;
    this.#agenda = agenda;
  }

  /** The first hosts. */
  async begins(pair: Pair): Promise<void> {
    const free = new Set(this.#eligible(pair).filter(({ machine }) => machine.isUp));
    while (free.size > 0 && pair.listed.size <= LEAST_HOSTS) {
      const account = this.#agenda.random.pick([...free]);
      free.delete(account);
      this.#put(pair, account, (await this.#keysOf(pair)).at(-1)!);
      pair.listed.set(account, { settledAtMs: this.#agenda.nowMs });
    }
    await this.#setPolicy(pair);
  }

  async adds(): Promise<void> {
    const { random, nowMs } = this.#agenda;
    const pair = random.pick(this.#book.pairs);
    const free = this.#eligible(pair).filter((account) => !pair.listed.has(account) && account.machine.isUp);
    if (free.length === 0 || pair.listed.size >= MOST_HOSTS) return;
    const account = random.pick(free);
    const keys = await this.#keysOf(pair);
    // As an image from weeks ago would have it, where one of the older keys is still stored.
    const older = keys.length > 1 && random.chance(0.4);
    this.#put(pair, account, older ? random.pick(keys.slice(0, -1)) : keys.at(-1)!);
    const late = { settledAtMs: nowMs + DAY_MS, behindSinceMs: nowMs };
    pair.listed.set(account, older ? late : { settledAtMs: nowMs });
    await this.#setPolicy(pair);
    this.#agenda.counted(older ? 'host listed that has an older key' : 'host listed');
  }

  async takesOff(): Promise<void> {
    const pair = this.#agenda.random.pick(this.#book.pairs);
    if (pair.listed.size <= LEAST_HOSTS) return;
    const account = this.#agenda.random.pick([...pair.listed.keys()]);
    const listing = pair.listed.get(account)!;
    pair.listed.delete(account);
    if (!this.isBearable()) return void pair.listed.set(account, listing);
    this.#book.forget(account, pair);
    this.#book.note(account, this.#agenda.nowMs, `${pair.identity.name}: taken off the list`);
    await this.#setPolicy(pair);
    this.#agenda.counted('host taken off a list');
  }

  /** A person puts the key that counts of every key pair that lists the account, and nothing else. */
  async install(account: Account): Promise<void> {
    account.write(emptied);
    for (const [pair, listing] of this.of(account)) {
      this.#put(pair, account, (await this.#keysOf(pair)).at(-1)!);
      this.#book.forget(account, pair);
      delete listing.blank;
      delete listing.behindSinceMs;
      listing.settledAtMs = this.#agenda.nowMs;
    }
  }

  /** Every key pair that lists an account. */
  of(account: Account): (readonly [Pair, Listing])[] {
    return this.#book.pairs.flatMap((pair) => {
      const listing = pair.listed.get(account);
      return listing === undefined ? [] : [[pair, listing] as const];
    });
  }

  /** Whether every key pair could still be rotated without the machine: so many of its hosts are there as its policy asks for. */
  isBearable(without?: Machine): boolean {
    const isLost = ([{ machine }, { blank, settledAtMs }]: readonly [Account, Listing]) =>
      machine === without || !machine.isUp || blank || settledAtMs > this.#agenda.nowMs;
    return this.#book.pairs.every(({ listed, policy: { coverage } }) => {
      const lost = [...listed].filter(isLost).length;
      return listed.size - lost >= Math.max(1, Math.ceil(listed.size * coverage - 1e-9));
    });
  }

  #put(pair: Pair, account: Account, publicKey: string): void {
    const versions = [...pair.versions.values()];
    const known = versions.map((version) => version.publicKey);
    account.write(withOnly(account.read(), known, publicKey));
    const id = versions.find((version) => version.publicKey === publicKey)?.id;
    this.#book.note(account, this.#agenda.nowMs, `${pair.identity.name}: ${id} is put`);
  }

  /** Public keys that are stored, the one that counts last. */
  async #keysOf(pair: Pair): Promise<string[]> {
    const { record } = (await this.#stack.ports.ledger.read(pair.identity))!;
    this.#book.learn(pair, record);
    const stored = await this.#stack.ports.store.find(pair.identity);
    const ids = new Set(stored?.versions.map(({ id }) => id));
    return record.versions.filter(({ id }) => ids.has(id)).map(({ publicKey }) => publicKey);
  }

  async #setPolicy({ identity, policy, listed }: Pair): Promise<void> {
    const hosts = [...listed.keys()].map(({ host }) => host);
    await setPolicy(this.#stack.ports, identity, { ...policy, hosts });
  }

  /** Where all hosts must prove a key, only such are listed that are never down for weeks: they would hold up every rotation. */
  #eligible({ policy: { coverage } }: Pair): readonly Account[] {
    const { accounts } = this.#machines;
    return coverage === 1 ? accounts.slice(0, Math.max(LEAST_HOSTS, Math.floor(accounts.length / 3))) : accounts;
  }
}
