// Reading what is on record: one key pair, a page of them, the contract, health.
import { AccessQuery } from '../contract/access-view.ts';
import { identityFrom } from '../contract/fields.ts';
import { identityAt } from '../contract/location.ts';
import { ListQuery, metadataView } from '../contract/metadata.ts';
import { inQuery, parsedQuery, parsedValue, queryFields } from '../contract/parse.ts';
import { QuotaQuery } from '../contract/quota-view.ts';
import { type CatalogOperation, catalogRoutes, type Matched, matched, openOperations } from '../contract/routes.ts';
import { AUDIT_ENTRIES, AuditQuery, HistoryQuery } from '../contract/trail-view.ts';
import { VendingError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { Listing } from '../ledger/ledger.ts';
import type { TrailEntry } from '../vending/trail-entry.ts';
import { readTrail } from '../vending/verify-trail.ts';
import { about } from './about.ts';
import { ageDefaults } from './age-defaults.ts';
import { authorise } from './authorise.ts';
import type { contractDocument } from './contract-document.ts';
import type { ApiAnswer, ApiCall, Endpoint } from './http.ts';
import { listPermitted } from './list-permitted.ts';
import { accessView, meView } from './own-access.ts';
import type { Records } from './runtime.ts';
import { type Search, searchPermitted } from './search-permitted.ts';
import { usagePage } from './usage-page.ts';

type Read = (call: ApiCall, parameters: Matched<CatalogOperation>['parameters']) => Promise<ApiAnswer>;

export interface CatalogOptions {
  /** Whether the contract has the routes of an inbox as well. */
  readonly inbox?: boolean;
  /** The contract, where it is asked for: it is long, and a function that serves one provider never shows it. */
  readonly document?: typeof contractDocument;
}

export function catalog(records: Records, { document, ...more }: CatalogOptions = {}): Endpoint {
  const age = ageDefaults(records.settings);
  const reads: Readonly<Record<CatalogOperation, Read>> = {
    async readHealth({ request }) {
      queryFields(request.query, []);
      return { status: 200, body: { status: 'ok' } };
    },

    async readContract({ request }) {
      queryFields(request.query, []);
      if (document === undefined) throw new VendingError('ROUTE_UNKNOWN', 'There is no such route');
      const { base } = request;
      return { status: 200, body: await document({ ...more, ...(base !== undefined && { base }) }) };
    },

    async listKeyPairs({ request, caller }) {
      const search = { ...parsedQuery(ListQuery, request.query), own: true } as Search;
      const places = records.access.placesOf(caller, 'read');
      const isListing = !['name', 'requestedBy', 'activatedBefore', 'sort'].some((field) =>
        Object.hasOwn(search, field),
      );
      const ledger = await records.ledger();
      const { records: found, cursor } = isListing
        ? await listPermitted(ledger, search, places)
        : await searchPermitted(ledger, search, places, age);
      // A successor belongs to the key pair it replaces, which has it among its versions once it counts.
      const keyPairs = found
        .filter(({ successorOf }) => successorOf === undefined)
        .map((record) => metadataView(record, age));
      return { status: 200, body: { keyPairs, ...(cursor === undefined ? {} : { cursor }) } };
    },

    async readHistory({ request, caller }, parameters) {
      const { region, account, ...rest } = queryFields(request.query, [
        'region',
        'account',
        ...Object.keys(HistoryQuery.shape),
      ]);
      const where = Object.entries({ region, account }).filter((one): one is [string, string] => one[1] !== undefined);
      const identity = identityAt(parameters, new URLSearchParams(where));
      authorise(records, caller, 'audit', identity);
      const { limit, cursor } = inQuery(() => parsedValue(HistoryQuery, rest));
      const ledger = await records.ledger();
      const filed = await ledger.read(identity);
      if (filed === undefined) throw nothingThere();
      const last = Math.min(Number(cursor ?? Number.MAX_SAFE_INTEGER), filed.record.trail?.seq ?? 0);
      const first = Math.max(1, last - limit + 1);
      const entries = await readTrail({ ledger, clock: records.clock }, filed.record, [first, last]);
      const more = first > 1 ? { cursor: String(first - 1) } : {};
      return { status: 200, body: { entries: newestFirst(entries, first, last), ...more } };
    },

    async readAudit({ request, caller }) {
      const listing = parsedQuery(AuditQuery, request.query) as Listing;
      const ledger = await records.ledger();
      const page = await listPermitted(ledger, listing, records.access.placesOf(caller, 'audit'));
      const keyPairs = await Promise.all(
        page.records.map(async (record) => {
          const { seq = 0, digest = '' } = record.trail ?? {};
          const first = Math.max(1, seq - AUDIT_ENTRIES + 1);
          const entries = await readTrail({ ledger, clock: records.clock }, record, [first, seq]);
          return { ...record.identity, seq, digest, entries: newestFirst(entries, first, seq) };
        }),
      );
      return { status: 200, body: { keyPairs, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) } };
    },

    async readMe({ request, caller }) {
      queryFields(request.query, []);
      return { status: 200, body: meView(caller, records.access.grantsOf(caller), more) };
    },

    async explainAccess({ request, caller }) {
      const { right, ...words } = parsedQuery(AccessQuery, request.query);
      const identity = inQuery(() => identityFrom(words));
      return { status: 200, body: accessView(records.access, caller, right, identity) };
    },

    async readQuota({ request, caller }) {
      const query = parsedQuery(QuotaQuery, request.query);
      return { status: 200, body: await usagePage(records, caller, query) };
    },

    async readKeyPair({ request, caller }, parameters) {
      const identity = identityAt(parameters, request.query);
      return about(identity, readOne(identity, caller));
    },
  };

  async function readOne(identity: Identity, caller: ApiCall['caller']): Promise<ApiAnswer> {
    authorise(records, caller, 'read', identity);
    const filed = await (await records.ledger()).read(identity);
    if (filed === undefined) throw nothingThere();
    return { status: 200, body: metadataView(filed.record, age) };
  }

  return {
    isOpen: (request) => openOperations.has(matched(catalogRoutes, request)?.operation ?? ''),
    async answer(call) {
      const route = matched(catalogRoutes, call.request);
      if (route === undefined) throw new VendingError('ROUTE_UNKNOWN', 'There is no such route');
      return reads[route.operation](call, route.parameters);
    },
  };
}

const nothingThere = () => new VendingError('KEY_PAIR_ABSENT', 'Nothing was ever requested under this name here');

const newestFirst = (entries: ReadonlyMap<number, TrailEntry>, first: number, last: number): TrailEntry[] =>
  [...entries.values()].filter(({ seq }) => seq >= first && seq <= last).sort((a, b) => b.seq - a.seq);
