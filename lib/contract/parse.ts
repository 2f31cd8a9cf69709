// A text that must be JSON of a certain shape. A parser's own words would quote it, so they are replaced.
import type * as z from 'zod/mini';
import type { FailureCode } from '../errors.ts';
import { asParameters, InvalidRequest, invalidParameters, invalidRequest } from './problem-of.ts';

/** @param merged fields that come from elsewhere, and that the text must not have @throws {InvalidRequest} naming every field that is wrong */
export function parsed<T>(schema: z.ZodMiniType<T>, text: string, merged: object = {}): T {
  return parsedValue(schema, { ...objectIn(text, Object.keys(merged)), ...merged });
}

/** @throws {InvalidRequest} naming every field that is wrong */
export function parsedValue<T>(schema: z.ZodMiniType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalidRequest(result.error);
}

/**
 * Whether an object in it has a name twice, of which `JSON.parse` keeps the last, or `__proto__`, which schemas drop: it is
 * unclear what was meant. Names that are spelled differently can be the same.
 * @param json what could be parsed
 */
function isAmbiguous(json: string): boolean {
  const open: Set<unknown>[] = [];
  for (const [, word, colon, start] of json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|([{[])|[}\]]/g)) {
    const names = open.at(-1);
    if (start) open.push(new Set(['__proto__']));
    else if (!word) open.pop();
    else if (colon) {
      const name: unknown = JSON.parse(word);
      if (names?.has(name)) return true;
      names?.add(name);
    }
  }
  return false;
}

/** @param forbidden names that are not fields of it @throws {InvalidRequest} unless it is the JSON of an object without them */
export function objectIn(text: string, forbidden: readonly string[] = []): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidRequest([{ pointer: '#', detail: 'is not JSON' }]);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidRequest([{ pointer: '#', detail: 'is not an object' }]);
  }
  if (isAmbiguous(text))
    throw new InvalidRequest([{ pointer: '#', detail: 'has a field twice, or one that has no meaning' }]);
  const there = forbidden.filter((name) => Object.hasOwn(value, name));
  if (there.length > 0) {
    throw new InvalidRequest(there.map((name) => ({ pointer: `#/${name}`, detail: 'is not a field of this request' })));
  }
  return value as Readonly<Record<string, unknown>>;
}

/** What is wrong with words of a path or a query is told by their names. @throws {InvalidRequest} */
export function inQuery<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw asParameters(error);
  }
}

/** @throws {InvalidRequest} naming every parameter that is wrong */
export const parsedQuery = <S extends z.ZodMiniObject>(schema: S, query: URLSearchParams): z.infer<S> => {
  const fields = queryFields(query, Object.keys(schema.shape));
  return inQuery(() => parsedValue(schema, fields)) as z.infer<S>;
};

/**
 * The parameters of a query, each once.
 * @param allowed all that the route has
 * @throws {InvalidRequest} for another one, and for one that is given twice: it is unclear which counts
 */
export function queryFields(query: URLSearchParams, allowed: readonly string[]): Readonly<Record<string, string>> {
  const names = [...new Set(query.keys())];
  const refuse = (wrong: readonly string[], detail: string, code: FailureCode) => {
    if (wrong.length === 0) return;
    const shown = wrong.filter((name) => /^[A-Za-z0-9_-]{1,64}$/.test(name));
    throw invalidParameters(
      shown.map((parameter) => ({ parameter, detail })),
      code,
    );
  };
  refuse(
    names.filter((name) => !allowed.includes(name)),
    `is no parameter here; ${listed(allowed)}`,
    'FIELD_UNKNOWN',
  );
  refuse(
    names.filter((name) => query.getAll(name).length > 1),
    'is given more than once',
    'INVALID_REQUEST',
  );
  return Object.fromEntries(query);
}

const listed = (names: readonly string[]) => (names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`);
