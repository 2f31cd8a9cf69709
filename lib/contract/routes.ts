// Every route, once: what functions dispatch by, and what the OpenAPI document, serverless.yml and the template's routes are
// derived from or checked against.
import { type ProviderName, providerNames } from '../provider-table.ts';

/** `METHOD /path/{parameter}` */
type RouteKey = `${'GET' | 'POST' | 'PUT' | 'DELETE'} /${string}`;
type Routes = Readonly<Record<string, RouteKey>>;

export const keyPairPath = '/v1/{provider}/key-pairs/{name}';

/** Those of each provider, whose function serves no other. */
export const vendRoutes = (provider: ProviderName) =>
  ({
    vend: `POST /v1/${provider}/key-pairs`,
    vendMany: `POST /v1/${provider}/batches`,
    adopt: `POST /v1/${provider}/key-pairs/{name}/adoption`,
  }) as const satisfies Routes;
export type VendOperation = keyof ReturnType<typeof vendRoutes>;
/** As the document and counts have it: `vendEcsKeyPair`, `vendEcsKeyPairs`, `adoptEcsKeyPair`. */
export const vendOperationId = (provider: ProviderName, operation: VendOperation): string => {
  const [verb, many] = operation === 'vendMany' ? ['vend', 's'] : [operation, ''];
  return `${verb}${provider.charAt(0).toUpperCase()}${provider.slice(1)}KeyPair${many}`;
};

export const catalogRoutes = {
  listKeyPairs: 'GET /v1/key-pairs',
  readKeyPair: `GET ${keyPairPath}`,
  readHistory: `GET ${keyPairPath}/history`,
  readAudit: 'GET /v1/audit',
  readMe: 'GET /v1/me',
  explainAccess: 'GET /v1/access',
  readQuota: 'GET /v1/quota',
  readContract: 'GET /openapi.json',
  readHealth: 'GET /health',
} as const satisfies Routes;
export type CatalogOperation = keyof typeof catalogRoutes;

/** The operations that need no token. */
export const openOperations: ReadonlySet<string> = new Set<CatalogOperation>(['readContract', 'readHealth']);

export const lifecycleRoutes = {
  retireKeyPair: `DELETE ${keyPairPath}`,
  restoreKeyPair: `POST ${keyPairPath}/restoration`,
  readPolicy: `GET ${keyPairPath}/policy`,
  putPolicy: `PUT ${keyPairPath}/policy`,
  putPolicies: 'PUT /v1/policies',
  rotateKeyPair: `POST ${keyPairPath}/rotations`,
  readRotation: `GET ${keyPairPath}/rotations/{id}`,
  cancelRotation: `DELETE ${keyPairPath}/rotations/{id}`,
  releasePair: `POST ${keyPairPath}/lingering/{id}/release`,
  waiveHost: `POST ${keyPairPath}/rotations/{id}/waivers`,
} as const satisfies Routes;
export type LifecycleOperation = keyof typeof lifecycleRoutes;

/** Only where a platform has an inbox; of the others, each is required of every platform. */
export const inboxRoutes = {
  fileRequest: 'POST /v1/requests',
  readRequest: 'GET /v1/requests/{id}',
  listMessages: 'GET /v1/messages',
  readMessage: 'GET /v1/messages/{id}',
  putBackMessage: 'POST /v1/messages/{id}',
} as const satisfies Routes;
export type InboxOperation = keyof typeof inboxRoutes;

/** Those that look at instances first, which takes the cloud's access key. */
const ofFleets: ReadonlySet<string> = new Set<LifecycleOperation>(['retireKeyPair', 'releasePair']);

/** All routes, each with its operation and the file of `functions/` that serves it. */
export const allRoutes = (): readonly {
  readonly operation: string;
  readonly key: RouteKey;
  readonly file: string;
}[] => [
  ...providerNames.flatMap((provider) =>
    (Object.entries(vendRoutes(provider)) as [VendOperation, RouteKey][]).map(([operation, key]) => ({
      ...{ operation: vendOperationId(provider, operation), key, file: provider },
    })),
  ),
  ...Object.entries(catalogRoutes).map(([operation, key]) => ({ operation, key, file: 'catalog' })),
  ...Object.entries(lifecycleRoutes).map(([operation, key]) => ({
    ...{ operation, key },
    file: ofFleets.has(operation) ? 'fleet' : 'lifecycle',
  })),
];

/** A request's operation, and the value of each parameter in its path, as it was sent. */
export interface Matched<O extends string> {
  readonly operation: O;
  readonly parameters: Readonly<Record<string, string>>;
}

/** @returns undefined when none of the routes matches */
export function matched<O extends string>(
  routes: Readonly<Record<O, RouteKey>>,
  { method, path }: { readonly method: string; readonly path: string },
): Matched<O> | undefined {
  const asked = [method, ...path.split('/').slice(1)];
  for (const [operation, key] of Object.entries(routes) as [O, RouteKey][]) {
    const [verb = '', pattern = ''] = key.split(' ');
    const words = [verb, ...pattern.split('/').slice(1)];
    if (words.length !== asked.length) continue;
    const pairs = words.map((word, i) => [/^\{(\w+)\}$/.exec(word)?.[1], word, asked[i]!] as const);
    if (!pairs.every(([parameter, word, given]) => (parameter === undefined ? word === given : given !== ''))) continue;
    const parameters = pairs.flatMap(([parameter, , given]) => (parameter === undefined ? [] : [[parameter, given]]));
    return { operation, parameters: Object.fromEntries(parameters) };
  }
  return undefined;
}

/** Made when it is first asked for: a cold start has no use for it. */
let every: Readonly<Record<string, RouteKey>> | undefined;

/** What a request asks for; `none` where no route is that. */
export function operationOf(request: { readonly method: string; readonly path: string }): string {
  every ??= { ...Object.fromEntries(allRoutes().map(({ operation, key }) => [operation, key])), ...inboxRoutes };
  return matched(every, request)?.operation ?? 'none';
}
