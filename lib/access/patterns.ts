// The patterns of names in a grant: a whole name, or a prefix that ends where a word ends. So a pattern catches what it shows and
// no more: `team-a*` would catch `team-ab`, and is none.

import type { Stretch } from '../stretches.ts';

/** ASCII, as all names are; `*` alone is spelt `any`. */
export const namePattern = /^(?:[A-Za-z0-9:_-]+|[A-Za-z0-9:_-]*[:_-]\*)$/;

export const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

/** Whether whatever the second one matches, the first one matches, too. */
export const contains = (wide: string, narrow: string): boolean =>
  wide.endsWith('*') ? narrow.startsWith(wide.slice(0, -1)) : wide === narrow;

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
