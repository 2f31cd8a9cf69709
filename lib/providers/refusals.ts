// What an upstream error code means: `effect` says whether the call can have taken effect all the same. `none` needs a cause
// that excludes it. Everything else, and every code that a cloud's table does not list, is `unknown`. Each cloud's table is
// beside its adapter.
import type { Effect, FailureCode } from '../errors.ts';

/** One meaning, and the codes that have it. Each also stands for every code below it: `X` for `X.anything` that has no row of its own. */
export type Row = readonly [failure: FailureCode, effect: Effect, codes: readonly string[]];

interface Meaning {
  readonly failure: FailureCode;
  readonly effect: Effect;
}
export type Refusals = ReadonlyMap<string, Meaning>;

/** A later row's code replaces an earlier one's: a service's own reading comes after the common one. */
export const byCode = (rows: readonly Row[]): Refusals =>
  new Map(rows.flatMap(([failure, effect, codes]) => codes.map((code) => [code, { failure, effect }] as const)));

/** The row for a code, or for the family it belongs to: `InvalidParameter.KeyPairName` is an `InvalidParameter`. */
export function meaningOf(refusals: Refusals, code: string): Meaning {
  for (let family = code; family !== ''; family = family.slice(0, Math.max(0, family.lastIndexOf('.')))) {
    const meaning = refusals.get(family);
    if (meaning !== undefined) return meaning;
  }
  return { failure: 'CLOUD_REFUSED', effect: 'unknown' };
}
