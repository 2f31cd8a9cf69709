// A text that has to be JSON of a certain shape. A parser's own words would quote it, so they are replaced.
import type * as z from 'zod/mini';
import { InvalidRequest, invalidRequest } from '../contract/problem-of.ts';
import { VendingError } from '../errors.ts';
import type { HttpRequest } from './http-request.ts';

/** @throws {InvalidRequest} naming every field that is wrong */
export function parsed<T>(schema: z.ZodMiniType<T>, text: string, merged: object = {}): T {
  return parsedValue(schema, withFields(text, merged));
}

/** @throws {InvalidRequest} naming every field that is wrong */
export function parsedValue<T>(schema: z.ZodMiniType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalidRequest(result.error);
}

/** An HTTP body. @throws {VendingError} MEDIA_TYPE; {InvalidRequest} */
export function parsedBody<T>(schema: z.ZodMiniType<T>, { headers, body }: HttpRequest, merged: object): T {
  const type = headers.get('content-type') ?? '';
  if (!/^application\/(json|[a-z0-9.-]+\+json)\s*(;|$)/i.test(type)) {
    throw new VendingError('MEDIA_TYPE', 'The body is not sent as JSON');
  }
  return parsed(schema, body, merged);
}

function withFields(text: string, merged: object): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidRequest([{ pointer: '#', detail: 'is not JSON' }]);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidRequest([{ pointer: '#', detail: 'is not an object' }]);
  }
  const twice = Object.keys(merged).filter((name) => Object.hasOwn(value, name));
  if (twice.length > 0) {
    throw new InvalidRequest(twice.map((name) => ({ pointer: `#/${name}`, detail: 'is not a field of this request' })));
  }
  return { ...value, ...merged };
}
