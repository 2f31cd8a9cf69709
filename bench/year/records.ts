// What is promised of rotations, and of the pairs that instances and templates have; and what is left at the end.
import { DAY_MS } from '../../lib/clock.ts';
import { isUnderWay } from '../../lib/vending/rotation/rotation-record.ts';
import type { Book, Pair } from './book.ts';
import type { Broken } from './broken.ts';
import { MAX_AGE_DAYS, type Stack } from './stack.ts';

interface Timed {
  readonly lateMs: number;
  readonly promotedAfterMs?: number;
}

export class Records {
  /** By the rotations' ids. */
  readonly rotations = new Map<string, Timed>();
  readonly attached = { looks: 0, without: 0 };
  largestBytes = 0;
  readonly #stack: Stack;
  readonly #book: Book;
  readonly #broken: Broken;

  constructor(stack: Stack, book: Book, broken: Broken) {
    this.#stack = stack;
    this.#book = book;
    this.#broken = broken;
  }

  /** When each rotation was due, began and was promoted. */
  async look(pair: Pair): Promise<void> {
    const { record } = (await this.#stack.ports.ledger.read(pair.identity))!;
    this.#book.learn(pair, record);
    this.largestBytes = Math.max(this.largestBytes, Buffer.byteLength(JSON.stringify(record)));
    const { name } = pair.identity;
    const nowMs = this.#stack.clock.wallMs();
    const oldAtMs = (versionId: string) => pair.versions.get(versionId)!.activatedAtMs + MAX_AGE_DAYS * DAY_MS;
    for (const { id, from, requestedAtMs, promotedAtMs } of record.rotations ?? []) {
      this.rotations.set(id, {
        lateMs: requestedAtMs - oldAtMs(from.id),
        ...(promotedAtMs !== undefined && { promotedAfterMs: promotedAtMs - requestedAtMs }),
      });
    }
    const under = record.rotations?.find(isUnderWay);
    if (under === undefined && nowMs > oldAtMs(record.versions.at(-1)!.id) + DAY_MS)
      this.#broken.add(`${name}: no rotation has begun a day after it was due`);
    if (under !== undefined && nowMs > under.requestedAtMs + DAY_MS)
      this.#broken.add(`${name}: ${under.state} a day after its rotation began, ${under.lastError?.code}`);
  }

  /** Every pair that an instance has exists, and its key is stored; every pair that a template launches with exists. */
  async lookAtInstances(): Promise<void> {
    const { admin } = this.#stack.clouds;
    const pairs = admin.pairs('ecs');
    const [ids, names] = [new Set(pairs.map(({ id }) => id)), new Set(pairs.map(({ name }) => name))];
    const stored = new Set<string | undefined>();
    for (const { identity } of this.#book.pairs) {
      const secret = await this.#stack.ports.store.find(identity);
      for (const { keyPairId } of secret?.versions ?? []) stored.add(keyPairId);
    }
    for (const { id, keyPairs, boundUntilMs } of admin.fleet.instances()) {
      if (boundUntilMs !== undefined) continue; // released
      this.attached.looks += 1;
      for (const pair of keyPairs) {
        if (!ids.has(pair.id) || !stored.has(pair.id)) this.attached.without += 1;
        if (!ids.has(pair.id)) this.#broken.add(`${id}: its pair ${pair.name} is gone`);
        if (!stored.has(pair.id)) this.#broken.add(`${id}: the key of its pair ${pair.name} is not stored`);
      }
    }
    for (const { name, versions, defaultVersion } of admin.fleet.templates()) {
      const pair = String(versions.find(({ number }) => number === defaultVersion)?.data.KeyPairName);
      if (!names.has(pair)) this.#broken.add(`template ${name}: its pair ${pair} is gone`);
    }
  }

  /** What is on its way out, by what it waits for, and how many keys are stored. */
  async left() {
    const left = { heldByInstances: 0, waitingForHosts: 0, underWay: 0, promoted: 0, stored: 0, pairs: 0 };
    for (const { identity } of this.#book.pairs) {
      const { outgoing, rotations = [] } = (await this.#stack.ports.ledger.read(identity))!.record;
      for (const { held, goneAtMs } of outgoing?.pairs ?? [])
        left[held !== undefined ? 'heldByInstances' : goneAtMs !== undefined ? 'waitingForHosts' : 'underWay'] += 1;
      left.promoted += rotations.filter(({ state }) => state === 'promoted').length;
      left.stored += (await this.#stack.ports.store.find(identity))?.versions.length ?? 0;
    }
    return { ...left, pairs: this.#stack.clouds.admin.pairs('ecs').length };
  }
}
