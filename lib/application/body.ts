// The body of a request over HTTP.
import type * as z from 'zod/mini';
import { parsed } from '../contract/parse.ts';
import { VendingError } from '../errors.ts';
import type { HttpRequest } from './http.ts';

/** @throws {VendingError} MEDIA_TYPE */
export function assertJson({ headers }: Pick<HttpRequest, 'headers'>): void {
  const type = headers.get('content-type') ?? '';
  if (!/^application\/(json|[a-z0-9.-]+\+json)\s*(;|$)/i.test(type)) {
    throw new VendingError('MEDIA_TYPE', 'The body is not sent as JSON');
  }
}

/** @param merged fields that the body must not have @throws {VendingError} MEDIA_TYPE; {InvalidRequest} */
export function parsedBody<T>(schema: z.ZodMiniType<T>, request: HttpRequest, merged: object = {}): T {
  assertJson(request);
  return parsed(schema, request.body, merged);
}
