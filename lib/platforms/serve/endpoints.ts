// Which endpoint answers which route: the very ones that functions/ has one function each for.
import { catalog } from '../../application/catalog-endpoint.ts';
import type { Endpoint } from '../../application/http.ts';
import { lifecycle } from '../../application/lifecycle-endpoint.ts';
import type { Act } from '../../application/messages.ts';
import { requestQueue, requests } from '../../application/requests-endpoint.ts';
import { vending } from '../../application/vend-endpoint.ts';
import { allRoutes, inboxRoutes, matched } from '../../contract/routes.ts';
import { providerNames } from '../../provider-table.ts';
import { connectionOf } from '../../providers/connect.ts';
import { fleetFor } from '../fleets.ts';
import { forRotation } from '../for-rotation.ts';
import { overHttp } from '../over-http.ts';
import { records } from '../records.ts';
import { runtime } from '../runtime.ts';
import type { ServedRequest } from './http.ts';
import { inbox } from './inbox.ts';
import type { Answer, ServerOptions } from './server.ts';

export interface Endpoints {
  readonly route: ServerOptions['route'];
  /** What is done with a message, by the queue that it is in. */
  readonly messages: ReadonlyMap<string, Act>;
}

export async function endpoints(): Promise<Endpoints> {
  const vends = await Promise.all(
    providerNames.map(
      async (provider) => [provider, vending(runtime, provider, await connectionOf(provider))] as const,
    ),
  );
  const byFile: Readonly<Record<string, Endpoint>> = {
    ...Object.fromEntries(vends.map(([provider, { endpoint }]) => [provider, endpoint])),
    catalog: catalog(records, { inbox: true }),
    lifecycle: lifecycle({ ...records, ...forRotation }),
    fleet: lifecycle({ ...records, ...forRotation, fleetFor }),
    requests: requests(records, inbox),
  };
  const answers = new Map(Object.entries(byFile).map(([file, endpoint]) => [file, overHttp(endpoint) as Answer]));
  const routes = [
    ...allRoutes(),
    ...Object.entries(inboxRoutes).map(([operation, key]) => ({ operation, key, file: 'requests' })),
  ];
  const keys = Object.fromEntries(routes.map(({ operation, key }) => [operation, key]));
  const files = new Map(routes.map(({ operation, file }) => [operation, file]));

  return {
    messages: new Map(vends.map(([provider, { message }]) => [requestQueue(provider), message])),
    route(request: ServedRequest) {
      const operation = matched(keys, request)?.operation;
      // The catalog says of a route that there is not that there is none.
      const answer = answers.get(files.get(operation ?? '') ?? 'catalog')!;
      return { operation: operation ?? 'none', answer };
    },
  };
}
