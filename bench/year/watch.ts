// What is promised of machines, looked at after every edit, after every pass of workers and every day. That reads the files of all of
// them; a sample is logged in on with the real ssh as well.
import type { Hosts, Session } from '../../lib/hosts/hosts.ts';
import type { Book, Listing, Pair } from './book.ts';
import type { Broken } from './broken.ts';
import { type Account, hasOthers, type Machines } from './machines.ts';
import type { SshClient } from './ssh-client.ts';
import type { Stack } from './stack.ts';

export class Watch {
  readonly counts = { workerLogins: 0, looks: 0, read: 0, ssh: 0, refused: 0, mostKeys: 0 };
  /** How long accounts were without the key that counts that were listed with an older one, or came back with one. */
  readonly behindMs: number[] = [];
  readonly #touched = new Set<Account>();
  readonly #book: Book;
  readonly #machines: Machines;
  readonly #client: SshClient;
  readonly #broken: Broken;
  #stack!: Stack;

  constructor(book: Book, machines: Machines, client: SshClient, broken: Broken) {
    this.#book = book;
    this.#machines = machines;
    this.#client = client;
    this.#broken = broken;
  }

  begins(stack: Stack): void {
    this.#stack = stack;
  }

  /** The hosts, with a look at the file after each edit. */
  readonly watched = (hosts: Hosts): Hosts => ({
    login: async (host, key, options) => {
      const account = this.#machines.of(host);
      const session = await hosts.login(host, key, options);
      this.counts.workerLogins += 1;
      this.#touched.add(account);
      const replace: Session['replace'] = async (...edit) => {
        const done = await session.replace(...edit);
        await this.look(account);
        return done;
      };
      return { hostKey: session.hostKey, read: () => session.read(), replace, close: () => session.close() };
    },
  });

  /** Every account on which workers have logged in since the last time. */
  async lookAtTouched(): Promise<void> {
    const touched = [...this.#touched];
    this.#touched.clear();
    for (const account of touched) await this.look(account);
  }

  async look(account: Account): Promise<void> {
    this.counts.looks += 1;
    const text = account.read(); // before the store is asked: a key leaves the files first
    for (const pair of this.#book.pairs) {
      const listing = pair.listed.get(account);
      if (listing !== undefined) await this.#lookFor(pair, account, listing, text);
    }
    if (!hasOthers(text)) this.#broken.add(`${account.name}: somebody else's line is gone`);
  }

  async #lookFor(pair: Pair, account: Account, listing: Listing, text: string): Promise<void> {
    const { ledger, store, clock } = this.#stack.ports;
    const [filed, secret] = [await ledger.read(pair.identity), await store.find(pair.identity)];
    this.#book.learn(pair, filed!.record);
    const nowMs = clock.wallMs();
    const present = this.#book.versionsIn(text, pair);
    const returned = this.#book.writtenBack(account, pair, present, filed!.record, nowMs);
    const own = [...present].filter((id) => !returned.has(id));
    const breaks = (what: string) =>
      this.#broken.add(`${pair.identity.name} on ${account.name}: ${what}`, this.#book.notesOf(account));
    this.counts.mostKeys = Math.max(this.counts.mostKeys, own.length);
    if (own.length > 2) breaks(`${own.length} keys open it`);
    if (listing.blank) return; // nobody has put a key there yet
    if (!secret?.versions.some(({ id }) => present.has(id))) breaks('no stored key opens it');
    const current = secret?.versions.find((version) => version.current)?.id ?? 'none';
    if (present.has(current) && listing.behindSinceMs !== undefined) {
      this.behindMs.push(nowMs - listing.behindSinceMs);
      delete listing.behindSinceMs;
    }
    if (!account.machine.isUp || nowMs < listing.settledAtMs) return;
    this.counts.read += 1;
    if (present.has(current)) return;
    this.counts.refused += 1;
    breaks('the key that readers get does not open it');
  }

  /** The real ssh, with the key that readers get. */
  async logsIn(pair: Pair, account: Account): Promise<void> {
    const key = await this.#stack.ports.store.reveal(pair.identity);
    this.counts.ssh += 1;
    if (key !== undefined && (await this.#client.logsIn(account, key))) return;
    this.counts.refused += 1;
    this.#broken.add(`${pair.identity.name} on ${account.name}: ssh is refused`, this.#book.notesOf(account));
  }

  /** Accounts that must let readers in now. */
  readers(pair: Pair): Account[] {
    const nowMs = this.#stack.clock.wallMs();
    return [...pair.listed].flatMap(([account, { blank, settledAtMs }]) =>
      account.machine.isUp && !blank && settledAtMs <= nowMs ? account : [],
    );
  }
}
