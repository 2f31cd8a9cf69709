// CVM's limit of requests per second, counted per account, region and action on the server's clock.
// Source: CVM CreateKeyPair, "A maximum of 10 requests can be initiated per second for this API".

export class RateMeter {
  readonly #counts = new Map<string, number>();
  #second = 0;

  /** @returns which request of this second this is, from 1; refused ones count too */
  count(what: string, nowMs: number): number {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) this.#counts.clear();
    this.#second = second;
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    return count;
  }

  clear(): void {
    this.#counts.clear();
  }
}
