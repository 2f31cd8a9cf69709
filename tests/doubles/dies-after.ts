// Hooks around what a worker calls, and a worker that dies between two of its steps.

/** Around every call of a worker through its ports, counted from 1: to throw, or to let time and others pass. */
export interface Script {
  before?(step: number, call: string): unknown;
  after?(step: number, call: string): unknown;
}

export class Died extends Error {}

/**
 * A worker that is gone once a call has been carried out: nothing it would do after that happens.
 * @param call as in `ledger.write` @param nth which of them, counted from 1
 */
export function diesAfter(call: string, nth = 1): Script {
  let left = nth;
  const gone = () => {
    if (left <= 0) throw new Died();
  };
  return {
    before: gone,
    after(_step, done) {
      if (done === call) left -= 1;
      gone();
    },
  };
}
