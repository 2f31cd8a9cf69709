// How many requests each route takes. API Gateway counts a route by itself, so whoever floods one leaves the others open; and it counts before
// anybody has looked at a token, so a limit is for everybody together. Source: API Gateway Developer Guide, "Throttle requests to your HTTP APIs".
import { allRoutes, openOperations, vendOperationId } from '../lib/contract/routes.ts';
import { providerNames } from '../lib/provider-table.ts';
import type { Value } from './words.ts';

interface Limits {
  readonly perSecond: number;
  /** How many may come at once. */
  readonly burst: number;
}

/** For a route that has no limits of its own, so that none can be forgotten. */
const others: Limits = { perSecond: 100, burst: 200 };

/** Anybody may ask, and always gets the same answer. */
const open: Limits = { perSecond: 2, burst: 10 };
/** A provider's. Twice what CVM carries out; each takes seconds. */
const vending: Limits = { perSecond: 20, burst: 40 };
const byFile: Readonly<Record<string, Limits>> = {
  catalog: { perSecond: 20, burst: 40 },
  lifecycle: { perSecond: 10, burst: 20 },
  /** Each asks the cloud. */
  fleet: { perSecond: 5, burst: 10 },
};
/** Each stands for up to a hundred. */
const many: Limits = { perSecond: 2, burst: 4 };
const isMany = (operation: string): boolean =>
  operation === 'putPolicies' || providerNames.some((provider) => operation === vendOperationId(provider, 'vendMany'));

const limitsOf = (operation: string, file: string): Limits =>
  openOperations.has(operation) ? open : isMany(operation) ? many : (byFile[file] ?? vending);

const settings = ({ perSecond, burst }: Limits): Value => ({
  ThrottlingRateLimit: perSecond,
  ThrottlingBurstLimit: burst,
});

export const throttling: Readonly<Record<string, Value>> = {
  DefaultRouteSettings: settings(others),
  RouteSettings: Object.fromEntries(
    allRoutes().map(({ operation, key, file }) => [key, settings(limitsOf(operation, file))]),
  ),
};
