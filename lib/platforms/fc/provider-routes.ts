// Everything that is asked of one provider's key pairs, in one function: they share what a cold start costs.
import { catalog } from '../../application/catalog-endpoint.ts';
import { lifecycle } from '../../application/lifecycle-endpoint.ts';
import { vending } from '../../application/vend-endpoint.ts';
import type { ProviderName } from '../../provider-table.ts';
import type { Connect } from '../../providers/connect.ts';
import type { ConnectFleet } from '../../providers/connect-fleet.ts';
import { fleetsBy } from '../fleets-by.ts';
import { forRotation } from '../for-rotation.ts';
import { records } from '../records.ts';
import { type Route, routed } from '../routed.ts';
import { runtime } from '../runtime.ts';

export function providerRoutes(provider: ProviderName, connect: Connect, connectFleet: ConnectFleet): Route {
  const fleetFor = fleetsBy(
    async () => connect,
    async () => connectFleet,
  );
  const route = routed({
    [provider]: vending(runtime, provider, connect).endpoint,
    catalog: catalog(records, { inbox: true }),
    lifecycle: lifecycle({ ...records, ...forRotation }),
    fleet: lifecycle({ ...records, ...forRotation, fleetFor }),
  });
  const own = `/v1/${provider}/`;
  // Other paths are other functions': here there is no route to them, whichever way a request came.
  return (request) => route(request.path.startsWith(own) ? request : { ...request, path: '/' });
}
