// Stretches of an ordered index: what two of them share, and several as few.

/** A stretch of an ordered index: all that lies between two texts, neither of which is anything's own. */
export interface Stretch {
  readonly after: string;
  readonly before: string;
}

/** In order, and each place in at most one of them. */
export function merged(stretches: readonly Stretch[]): readonly Stretch[] {
  const sorted = stretches.toSorted((a, b) => (a.after < b.after ? -1 : 1));
  const result: Stretch[] = [];
  for (const one of sorted) {
    const last = result.at(-1);
    if (last === undefined || one.after >= last.before) result.push(one);
    else if (one.before > last.before) result[result.length - 1] = { after: last.after, before: one.before };
  }
  return result;
}

/** What is in both. @param a in order and apart, as `b` is; whatever else they have is kept */
export const intersected = <S extends Stretch>(a: readonly S[], b: readonly Stretch[]): readonly S[] =>
  a.flatMap((one) =>
    b
      .map((other) => ({ ...one, after: later(one.after, other.after), before: earlier(one.before, other.before) }))
      .filter(({ after, before }) => after < before),
  );

/** In the order of the characters. */
export const later = (a: string, b: string): string => (a > b ? a : b);
const earlier = (a: string, b: string): string => (a < b ? a : b);
