// Asynchronous calls: they wait in a queue, are tried again where the function failed, and go to a destination in the end. Whoever drives
// this says when: nothing here waits by itself.
import type { FcFunction } from './fc-function.ts';

interface Waiting {
  readonly to: FcFunction;
  readonly body: Buffer;
  tries: number;
}

/** A call that failed as often as it may. */
export interface GivenUp {
  readonly name: string;
  readonly body: string;
  readonly tries: number;
}

/** As where a function says nothing of its own. */
const USUAL_RETRIES = 3;

export class AsyncCalls {
  readonly #waiting: Waiting[] = [];
  /** What `destinationConfig.onFailure` would have been given. */
  readonly givenUp: GivenUp[] = [];

  add(to: FcFunction, body: Buffer): void {
    this.#waiting.push({ to, body, tries: 0 });
  }

  get waiting(): readonly { readonly name: string; readonly body: string }[] {
    return this.#waiting.map(({ to, body }) => ({ name: to.spec.name, body: body.toString() }));
  }

  /** Carries out what waits, and what is added by that, to the end. @returns how many calls that were */
  async settled(): Promise<number> {
    let calls = 0;
    for (let one = this.#waiting.shift(); one !== undefined; one = this.#waiting.shift()) {
      calls += 1;
      one.tries += 1;
      const { failed } = await one.to.invoke(one.body);
      if (!failed) continue;
      if (one.tries <= (one.to.spec.maxAsyncRetryAttempts ?? USUAL_RETRIES)) this.#waiting.push(one);
      else this.givenUp.push({ name: one.to.spec.name, body: one.body.toString(), tries: one.tries });
    }
    return calls;
  }
}
