// What did not hold, and when: each thing once, however long it lasts.
import type { Clock } from '../../lib/clock.ts';

export class Broken {
  readonly all: string[] = [];
  readonly #known = new Set<string>();
  readonly #clock: Pick<Clock, 'wallMs'>;

  constructor(clock: Pick<Clock, 'wallMs'>) {
    this.#clock = clock;
  }

  /** @param before what happened there last */
  add(what: string, before: readonly string[] = []): void {
    if (this.#known.has(what)) return;
    this.#known.add(what);
    const text = `${new Date(this.#clock.wallMs()).toISOString()} ${what}`;
    this.all.push([text, ...before.map((line) => `    before: ${line}`)].join('\n'));
  }
}
