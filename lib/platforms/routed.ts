// Which endpoint answers which request, where one process has several.
import type { Endpoint, HttpResponse } from '../application/http.ts';
import { allRoutes, inboxRoutes, matched } from '../contract/routes.ts';
import { overHttp } from './over-http.ts';
import type { ServedContext, ServedRequest } from './serve/http.ts';

export type Answer = (request: ServedRequest, context: ServedContext) => Promise<HttpResponse>;

/** @returns the operation that a request asks for, which is what counts it, and who answers it */
export type Route = (request: Pick<ServedRequest, 'method' | 'path'>) => {
  readonly operation: string;
  readonly answer: Answer;
};

/** @param byFile what is answered here, by the file of `functions/` that has it elsewhere; `catalog` answers whatever no other does */
export function routed(byFile: Readonly<Record<string, Endpoint>> & { readonly catalog: Endpoint }): Route {
  const answers = new Map(Object.entries(byFile).map(([file, endpoint]) => [file, overHttp(endpoint) as Answer]));
  const routes = [
    ...allRoutes(),
    ...Object.entries(inboxRoutes).map(([operation, key]) => ({ operation, key, file: 'requests' })),
  ].filter(({ file }) => answers.has(file));
  const keys = Object.fromEntries(routes.map(({ operation, key }) => [operation, key]));
  const files = new Map(routes.map(({ operation, file }) => [operation, file]));

  return (request) => {
    const operation = matched(keys, request)?.operation;
    // The catalog says of a route that there is not that there is none.
    const answer = answers.get(files.get(operation ?? '') ?? 'catalog')!;
    return { operation: operation ?? 'none', answer };
  };
}
