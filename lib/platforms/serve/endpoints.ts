// Which endpoint answers which route: the very ones that functions/ has one function each for.
import { catalog } from '../../application/catalog-endpoint.ts';
import { contractDocument } from '../../application/contract-document.ts';
import { lifecycle } from '../../application/lifecycle-endpoint.ts';
import type { Act } from '../../application/messages.ts';
import { requestQueue, requests } from '../../application/requests-endpoint.ts';
import { vending } from '../../application/vend-endpoint.ts';
import { providerNames } from '../../provider-table.ts';
import { connectionOf } from '../../providers/connect.ts';
import { fleetFor } from '../fleets.ts';
import { forRotation } from '../for-rotation.ts';
import { records } from '../records.ts';
import { type Route, routed } from '../routed.ts';
import { runtime } from '../runtime.ts';
import { inbox } from './inbox.ts';

export interface Endpoints {
  readonly route: Route;
  /** What is done with a message, by the queue that it is in. */
  readonly messages: ReadonlyMap<string, Act>;
}

export async function endpoints(): Promise<Endpoints> {
  const vends = await Promise.all(
    providerNames.map(
      async (provider) => [provider, vending(runtime, provider, await connectionOf(provider))] as const,
    ),
  );
  return {
    messages: new Map(vends.map(([provider, { message }]) => [requestQueue(provider), message])),
    route: routed({
      ...Object.fromEntries(vends.map(([provider, { endpoint }]) => [provider, endpoint])),
      catalog: catalog(records, { inbox: true, document: contractDocument }),
      lifecycle: lifecycle({ ...records, ...forRotation }),
      fleet: lifecycle({ ...records, ...forRotation, fleetFor }),
      requests: requests(records, inbox),
    }),
  };
}
