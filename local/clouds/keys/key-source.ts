// Where new RSA keys come from: generated ahead while nothing else happens, composed when those are used up.
import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { PrimeStock } from './composed.ts';

const generate = promisify(generateKeyPair);

export interface NewKey {
  readonly key: KeyObject;
  /** Shares a prime with another key of this process: for tests only. */
  readonly composed: boolean;
}

export interface KeySourceOptions {
  /** Generated keys kept ready per size; default 16. With 0 every key is composed. */
  readonly ready?: number;
  /** Combinations of primes kept ready per size; default 300, which takes 25 primes. */
  readonly combinations?: number;
}

/** Keys of any size. The first of a size waits for two primes at most; work goes on in the background, one at a time. */
export class KeySource {
  readonly #options: Required<KeySourceOptions>;
  readonly #supplies = new Map<number, Supply>();
  #closed = false;

  constructor({ ready = 16, combinations = 300 }: KeySourceOptions = {}) {
    this.#options = { ready, combinations };
  }

  /** @param bits the modulus, a multiple of 2 from 1024 */
  async take(bits: number): Promise<NewKey> {
    const supply = this.#supplyOf(bits);
    const key = await supply.take();
    this.#work(supply);
    return key;
  }

  /** Begins to make keys of this size. */
  prepare(bits: number): void {
    this.#work(this.#supplyOf(bits));
  }

  /** How many are ready, by size. */
  get ready(): Record<number, { generated: number; combinations: number }> {
    return Object.fromEntries(
      [...this.#supplies].map(([bits, supply]) => [
        bits,
        { generated: supply.generated.length, combinations: supply.stock.left },
      ]),
    );
  }

  /** Whether nothing is being made: everything is full. */
  get idle(): boolean {
    return [...this.#supplies.values()].every(({ busy }) => !busy);
  }

  /** No new work begins; what is being made is dropped. */
  close(): void {
    this.#closed = true;
  }

  #supplyOf(bits: number): Supply {
    const supply = this.#supplies.get(bits) ?? new Supply(bits);
    this.#supplies.set(bits, supply);
    return supply;
  }

  /** One worker per size, so that a small machine keeps its other core for requests. */
  #work(supply: Supply): void {
    if (supply.busy) return;
    supply.busy = true;
    const step = async (): Promise<void> => {
      while (!this.#closed) {
        // Primes first: they are the quicker way to the first keys. Then whole keys, then more primes.
        if (supply.stock.left < 10) await supply.stock.grow();
        else if (supply.generated.length < this.#options.ready) supply.generated.push(await supply.generateOne());
        else if (supply.stock.left < this.#options.combinations) await supply.stock.grow();
        else break;
      }
    };
    // What fails here fails again for the next request, which can say so.
    void step()
      .catch(() => undefined)
      .finally(() => {
        supply.busy = false;
      });
  }
}

class Supply {
  readonly generated: KeyObject[] = [];
  readonly stock: PrimeStock;
  busy = false;
  readonly #bits: number;

  constructor(bits: number) {
    this.#bits = bits;
    this.stock = new PrimeStock(bits);
  }

  async generateOne(): Promise<KeyObject> {
    return (await generate('rsa', { modulusLength: this.#bits })).privateKey;
  }

  async take(): Promise<NewKey> {
    const generated = this.generated.shift();
    if (generated) return { key: generated, composed: false };
    for (;;) {
      const key = this.stock.compose();
      if (key) return { key, composed: true };
      await this.stock.grow();
    }
  }
}
