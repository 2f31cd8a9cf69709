// Changing one field of an answer wherever it is.
import { withColons } from '../../../lib/ssh/fingerprint.ts';
import type { Body } from '../protocols/protocol.ts';

/**
 * @param path a name, found at any depth and in every entry of a list, or names joined by dots from the outside in
 * @param change the new value; undefined takes the field away
 */
export function withField(body: Body, path: string, change: (value: unknown) => unknown): Body {
  const [first = '', ...rest] = path.split('.');
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]): [string, unknown][] => {
      if (name !== first) return [[name, deeper(value, path, change)]];
      if (rest.length > 0) return [[name, deeper(value, rest.join('.'), change)]];
      const changed = change(value);
      return changed === undefined ? [] : [[name, changed]];
    }),
  );
}

function deeper(value: unknown, path: string, change: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => deeper(item, path, change));
  return value !== null && typeof value === 'object' ? withField(value as Body, path, change) : value;
}

/** Hex in the spelling of a model: with colons where that has some. */
export const shownHex = (hex: string, model: string): string => (model.includes(':') ? withColons(hex) : hex);
