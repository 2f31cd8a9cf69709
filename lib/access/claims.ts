// Reading a verified token's claims. Every issuer nests and spells them differently; what is compared is always a string, exactly.

export type Claims = Readonly<Record<string, unknown>>;

/**
 * @param path a claim's own name, or names joined by dots. At each level the longest name that is there counts, because names have
 *   dots in them as well: `https://x.example/y`, `kubernetes.io.namespace`, `resource_access.my.client.roles`
 * @returns undefined where there is no such claim
 */
export function claimAt(claims: unknown, path: string): unknown {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return undefined;
  for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
    const name = path.slice(0, end);
    if (!Object.hasOwn(claims, name)) continue;
    const value = (claims as Claims)[name];
    return end === path.length ? value : claimAt(value, path.slice(end + 1));
  }
  return undefined;
}

/** A claim of one value. A number or a boolean is none: `5` is not `"5"`, and `true` is not `"true"`. */
export const one = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** A claim of many values, which comes as a list or as one string with blanks (`scope`, RFC 8693 section 4.2). */
export const words = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : (one(value)?.split(' ') ?? [])).filter(
    (word): word is string => typeof word === 'string' && word !== '',
  );

/** Whether a claim, or one element of a list, is one of the listed strings. */
export function isOneOf(value: unknown, listed: string | readonly string[]): boolean {
  const wanted = typeof listed === 'string' ? [listed] : listed;
  return (Array.isArray(value) ? value : [value]).some((each) => typeof each === 'string' && wanted.includes(each));
}
