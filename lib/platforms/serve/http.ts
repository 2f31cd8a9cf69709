// A request as the server of this platform (server.ts) hands it on: whole already, but for its body, which may be too long.
import type { HttpRequest, HttpResponse } from '../../application/http.ts';
import { VendingError } from '../../errors.ts';

export interface ServedRequest extends Omit<HttpRequest, 'body'> {
  readonly body: Buffer;
}
/** What Lambda's context is elsewhere. */
export interface ServedContext {
  leftMs(): number;
}

/** @param longestBody bytes @throws {VendingError} TOO_LARGE for a longer one */
export function requestOf(event: unknown, longestBody: number): HttpRequest {
  const { body, ...request } = event as ServedRequest;
  if (body.length > longestBody) throw new VendingError('TOO_LARGE', 'The request is too large');
  return { ...request, body: body.toString('utf8') };
}

/** Whole milliseconds, as Lambda has them: moments that are reckoned from it are kept in the ledger. */
export const leftMsOf = (context: unknown): number => Math.floor((context as ServedContext).leftMs());

export const responseOf = (response: HttpResponse): HttpResponse => response;
