// Reading what is on record: one key pair, a page of them, the contract, health.
import { identityAt } from '../contract/location.ts';
import { ListQuery, metadataView } from '../contract/metadata.ts';
import { openApi } from '../contract/openapi.ts';
import { parsedValue, queryFields } from '../contract/parse.ts';
import { type CatalogOperation, catalogRoutes, type Matched, matched, openOperations } from '../contract/routes.ts';
import { VendingError } from '../errors.ts';
import type { Listing } from '../ledger/ledger.ts';
import { authorise } from './authorise.ts';
import type { ApiAnswer, ApiCall, Endpoint } from './http.ts';
import { listPermitted } from './list-permitted.ts';
import type { Records } from './runtime.ts';

type Read = (call: ApiCall, parameters: Matched<CatalogOperation>['parameters']) => Promise<ApiAnswer>;

export function catalog(records: Records): Endpoint {
  const reads: Readonly<Record<CatalogOperation, Read>> = {
    async readHealth() {
      return { status: 200, body: { status: 'ok' } };
    },

    async readContract() {
      return { status: 200, body: openApi() };
    },

    async listKeyPairs({ request, caller }) {
      const listing = parsedValue(ListQuery, queryFields(request.query)) as Listing;
      const places = records.access.placesOf(caller, 'read');
      const { records: found, cursor } = await listPermitted(await records.ledger(), listing, places);
      // A successor belongs to the key pair it replaces, which has it among its versions once it counts.
      const keyPairs = found.filter(({ successorOf }) => successorOf === undefined).map(metadataView);
      return { status: 200, body: { keyPairs, ...(cursor === undefined ? {} : { cursor }) } };
    },

    async readKeyPair({ request, caller }, parameters) {
      const identity = identityAt(parameters, request.query);
      authorise(records, caller, 'read', identity);
      const filed = await (await records.ledger()).read(identity);
      if (filed === undefined)
        throw new VendingError('KEY_PAIR_ABSENT', 'Nothing was ever requested under this name here');
      return { status: 200, body: metadataView(filed.record) };
    },
  };

  return {
    isOpen: (request) => openOperations.has(matched(catalogRoutes, request)?.operation ?? ''),
    async answer(call) {
      const route = matched(catalogRoutes, call.request);
      if (route === undefined) throw new VendingError('ROUTE_UNKNOWN', 'There is no such route');
      return reads[route.operation](call, route.parameters);
    },
  };
}
