// A base path of a custom domain, or a stage, in front of the routes: they are found all the same, by what the gateway says that
// it matched, and a Location leads back to a URL under which the caller reaches them.
import { describe, expect, it } from 'vitest';
import { type HttpRequest, respond } from '../../../lib/application/http.ts';
import { identityAt, locationOf } from '../../../lib/contract/location.ts';
import { allRoutes, catalogRoutes, lifecycleRoutes, matched } from '../../../lib/contract/routes.ts';
import { requestOf } from '../../../lib/platforms/aws/http.ts';

const identity = { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'web:prod' } as const;
const parts = { provider: 'ecs', name: 'web:prod', id: '7' };
const encoded = { provider: 'ecs', name: 'web%3Aprod', id: '7' };
type Parts = Readonly<Record<keyof typeof parts, string>>;

const filled = (pattern: string, values: Parts = encoded): string =>
  pattern.replace(/\{(\w+)\}/g, (_, name: keyof Parts) => values[name]);
const given = (pattern: string, values: Parts) =>
  Object.fromEntries(Object.entries(values).filter(([name]) => pattern.includes(`{${name}}`)));

const EXECUTE = 'a1b2c3.execute-api.us-east-1.amazonaws.com';
const CUSTOM = 'keys.example.com';

/** What a gateway makes of a request for a route: the URL that the caller asked for, and the event. */
type Gateway = (method: string, pattern: string) => { url: string; event: object };

const rest =
  (domain: string, shown: string, inPath: string, values: Parts = encoded): Gateway =>
  (httpMethod, resource) => ({
    url: `https://${domain}${shown}${filled(resource)}`,
    event: {
      ...{ version: '1.0', httpMethod, resource },
      path: `${inPath}${filled(resource, values)}`,
      pathParameters: resource.includes('{') ? given(resource, values) : null,
      requestContext: { stage: 'prod', domainName: domain, path: `${shown}${filled(resource, values)}` },
    },
  });

const two =
  (domain: string, shown: string, inPath: string, stage: string, values: Parts = encoded): Gateway =>
  (method, pattern) => ({
    url: `https://${domain}${shown}${filled(pattern)}`,
    event: {
      version: '2.0',
      routeKey: `${method} ${pattern}`,
      rawPath: `${inPath}${filled(pattern, values)}`,
      ...(pattern.includes('{') && { pathParameters: given(pattern, values) }),
      requestContext: { stage, domainName: domain, http: { method } },
    },
  });

/** One route for everything below: the gateway names the rest of the path and nothing else. */
const greedy =
  (pattern: string, shown: string): Gateway =>
  (httpMethod, route) => {
    const proxy = filled(route).replace(pattern.replace('{proxy+}', ''), '').replace(/^\//, '');
    return {
      url: `https://${CUSTOM}${shown}${filled(route)}`,
      event: {
        ...{ httpMethod, resource: pattern, path: `${shown}${filled(route)}`, pathParameters: { proxy } },
        requestContext: { stage: 'prod', domainName: CUSTOM, path: `${shown}${filled(route)}` },
      },
    };
  };

/** Somebody's own API, in which our routes are not at the top. */
const below =
  (parent: string, stage: string): Gateway =>
  (method, pattern) => {
    const own = rest(EXECUTE, stage, '')(method, `${parent}${pattern}`);
    return { ...own, event: { ...own.event, pathParameters: pattern.includes('{') ? given(pattern, encoded) : null } };
  };

const slash =
  (gateway: Gateway): Gateway =>
  (...route) => {
    const { url, event } = gateway(...route);
    const { path, requestContext } = event as { path: string; requestContext: { path: string } };
    const context = { ...requestContext, path: `${requestContext.path}/` };
    return { url, event: { ...event, path: `${path}/`, requestContext: context } };
  };

const gateways: readonly (readonly [string, Gateway])[] = [
  ['a REST API', rest(EXECUTE, '/prod', '')],
  ['a REST API with a base path', rest(CUSTOM, '/keys', '/keys')],
  ['a REST API with a base path of two parts', rest(CUSTOM, '/team/keys', '/team/keys')],
  ['a REST API with a base path and the stage after it', rest(CUSTOM, '/keys/prod', '/keys/prod')],
  ['a REST API with a base path that is named as a route is', rest(CUSTOM, '/v1', '/v1')],
  ['a payload 1.0 with its path decoded', rest(CUSTOM, '/keys', '/keys', parts)],
  ['a REST API with one route for all', greedy('/{proxy+}', '')],
  ['a REST API with one route for all and a base path', greedy('/{proxy+}', '/keys')],
  ['a REST API with one route for all below a resource of its own', greedy('/keys/{proxy+}', '/keys')],
  ['a REST API that has the routes below a resource of its own', below('/team/keys', '/prod')],
  ['a REST API that is asked with a slash at the end', slash(rest(EXECUTE, '/prod', ''))],
  ['an HTTP API', two(EXECUTE, '', '', '$default')],
  ['an HTTP API with a stage', two(EXECUTE, '/prod', '/prod', 'prod')],
  ['an HTTP API with a stage that is named as a route is', two(EXECUTE, '/v1', '/v1', 'v1')],
  ['an HTTP API with a base path', two(CUSTOM, '/keys', '/keys', '$default')],
  ['an HTTP API with a base path of two parts, decoded', two(CUSTOM, '/team/keys', '/team/keys', '$default', parts)],
  ['an HTTP API that shows its stage instead of the base path', two(CUSTOM, '/keys', '/prod', 'prod')],
  ['an HTTP API that shows its stage where there is no base path', two(CUSTOM, '', '/prod', 'prod')],
  ['an HTTP API with a base path that is named as its stage is', two(CUSTOM, '/prod', '/prod', 'prod')],
];

const read = (event: object): HttpRequest => requestOf(event, 16 * 1024);
const around = {
  verify: async () => ({ kind: 'token' as const, id: 'x', issuer: 'default', claims: {} }),
  failed: () => {},
};
/** Where the answer to this event says that something is. */
async function located(event: object, location: string): Promise<string> {
  const answer = async () => ({ status: 201, body: {}, headers: { location } });
  const { headers } = await respond(
    () => read(event),
    () => 5_000,
    { answer },
    around,
  );
  return headers.location!;
}

describe.each(gateways)('behind %s', (_, gateway) => {
  it.each(
    allRoutes()
      .filter(({ file }) => ['catalog', 'lifecycle', 'fleet'].includes(file))
      .map(({ operation, key }) => [operation, key] as const),
  )('%s is found, with the words of its path', (operation, key) => {
    const [method = '', pattern = ''] = key.split(' ');
    const routes = { ...catalogRoutes, ...lifecycleRoutes };
    const route = matched(routes, read(gateway(method, pattern).event));
    expect(route?.operation).toBe(operation);
    if (!pattern.includes('{')) return;
    const query = new URLSearchParams({ region: identity.region });
    expect(identityAt(route!.parameters, query)).toEqual(identity);
    if (pattern.includes('{id}')) expect(route!.parameters.id).toBe('7');
  });

  it.each([
    ['POST', '/v1/ecs/key-pairs', ''],
    ['POST', '/v1/{provider}/key-pairs/{name}/rotations', '/rotations/7'],
    ['DELETE', '/v1/{provider}/key-pairs/{name}/rotations/{id}', '/rotations/7'],
    ['POST', '/v1/{provider}/key-pairs/{name}/rotations/{id}/waivers', '/rotations/7'],
  ])('the Location that %s %s answers is a URL of this caller', async (method, pattern, below) => {
    const { url, event } = gateway(method, pattern);
    const front = url.slice(0, -filled(pattern).length);
    const led = new URL(await located(event, locationOf(identity, below)), url).href;
    expect(led).toBe(`${front}${locationOf(identity, below)}`);
  });
});

it('one route for all below /v1 has the rest of the path', () => {
  const routes = { ...catalogRoutes, ...lifecycleRoutes };
  const { event } = greedy('/v1/{proxy+}', '/keys')('POST', lifecycleRoutes.rotateKeyPair.replace('POST ', ''));
  expect(matched(routes, read(event))?.operation).toBe('rotateKeyPair');
});

describe('what the gateway says that it matched', () => {
  const name = '/v1/{provider}/key-pairs/{name}';

  it('counts more than the path that it shows, which an HTTP API cuts off at an encoded question mark', () => {
    const event = {
      ...{ version: '2.0', routeKey: `GET ${name}`, rawPath: '/v1/ecs/key-pairs/web' },
      pathParameters: { provider: 'ecs', name: 'web?x' },
      requestContext: { stage: '$default', http: { method: 'GET' } },
    };
    expect(matched(catalogRoutes, read(event))?.parameters).toEqual({ provider: 'ecs', name: 'web%3Fx' });
  });

  it.each([
    ['web%253Aprod', 'web%253Aprod'],
    ['web%253Aprod', 'web%3Aprod'],
    ['web:prod', 'web:prod'],
  ])('is decoded once: %s with the parameter %s', (inPath, parameter) => {
    const event = {
      ...{ httpMethod: 'GET', resource: name, path: `/keys/v1/ecs/key-pairs/${inPath}` },
      pathParameters: { provider: 'ecs', name: parameter },
      requestContext: { path: `/keys/v1/ecs/key-pairs/${inPath}` },
    };
    const { parameters } = matched(catalogRoutes, read(event))!;
    expect(decodeURIComponent(parameters.name!)).toBe(inPath.replace('%25', '%'));
  });

  it('is not needed where the path ends as the route does', () => {
    const event = { httpMethod: 'GET', resource: name, path: '/keys/v1/ecs/key-pairs/web', requestContext: {} };
    expect(matched(catalogRoutes, read(event))?.parameters).toEqual({ provider: 'ecs', name: 'web' });
  });

  it('makes no open route of a key pair that is named as one', () => {
    for (const last of ['health', 'openapi.json']) {
      const path = `/v1/ecs/key-pairs/${last}`;
      const event = {
        version: '2.0',
        routeKey: `GET ${name}`,
        rawPath: path,
        requestContext: { http: { method: 'GET' } },
      };
      expect(matched(catalogRoutes, read(event))?.operation).toBe('readKeyPair');
    }
  });

  it('is nothing for a function URL, whose paths have nothing in front', async () => {
    const event = {
      ...{ version: '2.0', routeKey: '$default', rawPath: '/v1/ecs/key-pairs/web%3Aprod' },
      requestContext: { stage: '$default', domainName: 'x.lambda-url.us-east-1.on.aws', http: { method: 'GET' } },
    };
    expect(matched(catalogRoutes, read(event))?.operation).toBe('readKeyPair');
    expect(await located(event, '/v1/x')).toBe('/v1/x');
  });

  it.each(['//evil.example', '/\\evil.example'])(
    'never makes a Location of %s that leads to another host',
    async (front) => {
      const event = {
        ...{ httpMethod: 'POST', resource: '/v1/ecs/key-pairs', path: `${front}/v1/ecs/key-pairs` },
        requestContext: { path: `${front}/v1/ecs/key-pairs` },
      };
      const led = new URL(await located(event, '/v1/ecs/key-pairs/web'), 'https://keys.example.com/v1/ecs/key-pairs');
      expect(led.host).toBe('keys.example.com');
    },
  );
});
