// What an upstream error code means: `effect` says whether the call can have taken effect all the same. `never` needs a cause that
// excludes it. Everything else, and every code that a cloud's table does not list, is `unknown`. Each cloud's table stands
// beside its adapter.
import type { Effect, FailureCode } from '../errors.ts';

/** Also stands for every code below it: `X` is found for `X.anything` unless that has a row of its own. */
export type Row = readonly [code: string, failure: FailureCode, effect: Effect];

interface Meaning {
  readonly failure: FailureCode;
  readonly effect: Effect;
}
export type Refusals = ReadonlyMap<string, Meaning>;

/** A later row of the same code replaces an earlier one: a service's own reading goes before the common one. */
export const byCode = (rows: readonly Row[]): Refusals =>
  new Map(rows.map(([code, failure, effect]) => [code, { failure, effect }]));

/** The row for a code, or for the family it belongs to: `InvalidParameter.KeyPairName` is an `InvalidParameter`. */
export function meaningOf(refusals: Refusals, code: string): Meaning {
  for (let family = code; family !== ''; family = family.slice(0, Math.max(0, family.lastIndexOf('.')))) {
    const meaning = refusals.get(family);
    if (meaning !== undefined) return meaning;
  }
  return { failure: 'CLOUD_REFUSED', effect: 'unknown' };
}
