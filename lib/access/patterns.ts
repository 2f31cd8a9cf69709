// The patterns of names in a grant: a whole name, or a prefix that ends where a word ends. So a pattern catches what it shows and
// no more: `team-a*` would catch `team-ab`, and is none.

/** ASCII, as all names are; `*` alone is spelt `any`. */
export const namePattern = /^(?:[A-Za-z0-9:_-]+|[A-Za-z0-9:_-]*[:_-]\*)$/;

export const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

/** Whether whatever the second one matches, the first one matches, too. */
export const contains = (wide: string, narrow: string): boolean =>
  wide.endsWith('*') ? narrow.startsWith(wide.slice(0, -1)) : wide === narrow;

/** A stretch of an ordered index: all that lies between two texts, neither of which is anything's own. */
export interface Stretch {
  readonly after: string;
  readonly before: string;
}

/** What a pattern matches under a path such as `ecs/cn-hangzhou/default/`, in the order of the characters. */
export function stretchOf(path: string, pattern: string): Stretch {
  const isPrefix = pattern.endsWith('*');
  const text = path + (isPrefix ? pattern.slice(0, -1) : pattern);
  const end = isPrefix ? text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) + 1) : `${text} `;
  return { after: justBefore(text), before: end };
}

/** Sorts before the text, and after every name that does. */
const justBefore = (text: string): string =>
  `${text.slice(0, -1)}${String.fromCharCode(text.charCodeAt(text.length - 1) - 1)}~`;

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

/** What is in both. @param a in order and apart, as `b` is */
export const intersected = (a: readonly Stretch[], b: readonly Stretch[]): readonly Stretch[] =>
  a.flatMap((one) =>
    b
      .map((other) => ({ after: lastOf(one.after, other.after), before: firstOf(one.before, other.before) }))
      .filter(({ after, before }) => after < before),
  );

const firstOf = (...texts: readonly string[]): string => texts.toSorted()[0]!;
const lastOf = (...texts: readonly string[]): string => texts.toSorted().at(-1)!;
