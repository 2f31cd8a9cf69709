// A text that must be JSON of a certain shape. A parser's own words would quote it, so they are replaced.
import type * as z from 'zod/mini';
import { InvalidRequest, invalidRequest } from './problem-of.ts';

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
  const there = forbidden.filter((name) => Object.hasOwn(value, name));
  if (there.length > 0) {
    throw new InvalidRequest(there.map((name) => ({ pointer: `#/${name}`, detail: 'is not a field of this request' })));
  }
  return value as Readonly<Record<string, unknown>>;
}

/** The parameters of a query, each once. @throws {InvalidRequest} for one that is given twice: it is unclear which counts */
export function queryFields(query: URLSearchParams): Readonly<Record<string, string>> {
  const twice = [...new Set(query.keys())].filter((name) => query.getAll(name).length > 1);
  if (twice.length > 0) {
    const shown = twice.filter((name) => /^[A-Za-z0-9_-]{1,64}$/.test(name));
    throw new InvalidRequest(shown.map((name) => ({ pointer: `#/${name}`, detail: 'is given more than once' })));
  }
  return Object.fromEntries(query);
}
