// Remembers what may come only once, for as long as a second copy could still verify.

export class SeenOnce {
  readonly #until = new Map<string, number>();

  /**
   * @param keepMs how long a copy of this could still pass the time check: twice the window, because a client's clock
   *   may be ahead by one window when the first copy comes
   * @returns whether it came before
   */
  repeated(what: string, nowMs: number, keepMs: number): boolean {
    this.#forget(nowMs);
    if (this.#until.has(what)) return true;
    this.#until.set(what, nowMs + keepMs);
    return false;
  }

  get size(): number {
    return this.#until.size;
  }

  clear(): void {
    this.#until.clear();
  }

  /** Entries were added in the order they end, so the first that is still needed ends the walk. */
  #forget(nowMs: number): void {
    for (const [what, untilMs] of this.#until) {
      if (untilMs >= nowMs) break;
      this.#until.delete(what);
    }
  }
}
