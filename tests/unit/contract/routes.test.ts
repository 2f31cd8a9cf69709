// The routes are written down once. Whatever else has a list of them is derived from that one or compared with it here:
// serverless.yml, the OpenAPI document, and what functions dispatch by. (What the template makes of serverless.yml:
// tests/deploy/function-suite.ts.)
import { describe, expect, it } from 'vitest';
import { openApi } from '../../../lib/contract/openapi/document.ts';
import {
  allRoutes,
  catalogRoutes,
  inboxRoutes,
  lifecycleRoutes,
  matched,
  openOperations,
} from '../../../lib/contract/routes.ts';
import { providerNames } from '../../../lib/provider-table.ts';
import { described } from '../../../local/stack/routes.ts';

const keys = allRoutes()
  .map(({ key }) => key)
  .sort();

describe('the table of routes', () => {
  it('is what serverless.yml has, with the same function for each route', () => {
    const { routes } = described(new URL('../../../serverless.yml', import.meta.url));
    const deployed = routes.map(({ key, handler }) => `${key} -> ${handler}`).sort();
    expect(
      allRoutes()
        .map(({ key, file }) => `${key} -> functions/${file}.http`)
        .sort(),
    ).toEqual(deployed);
  });

  it.each([
    ['where there is no inbox', {}, keys],
    ['where there is one', { inbox: true }, [...keys, ...Object.values(inboxRoutes)].sort()],
  ])(
    'is what the OpenAPI document has, with every parameter of a path and an operation for each route, %s',
    (_, more, keys) => {
      const document = openApi(more);
      const documented = Object.entries(document.paths as Record<string, Record<string, object>>).flatMap(
        ([path, { parameters = [], ...methods }]) =>
          Object.entries(methods).map(([method, operation]) => {
            const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
            const known = document.components.parameters as Record<string, object>;
            const all = (parameters as { $ref?: string }[]).map(
              ({ $ref, ...own }) =>
                ({ ...own, ...known[$ref?.split('/').at(-1) ?? ''] }) as { in: string; name: string },
            );
            expect(all.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(named);
            return { key: `${method.toUpperCase()} ${path}`, ...(operation as { operationId: string; security?: [] }) };
          }),
      );
      expect(documented.map(({ key }) => key).sort()).toEqual(keys);
      expect(new Set(documented.map(({ operationId }) => operationId)).size).toBe(keys.length);
      const open = documented.filter(({ security }) => security?.length === 0).map(({ operationId }) => operationId);
      expect(open.sort()).toEqual([...openOperations].sort());
    },
  );

  it('has one route for vending on each provider', () => {
    const vending = keys.filter((key) => /^POST \/v1\/\w+\/key-pairs$/.test(key));
    expect(vending).toEqual(providerNames.map((provider) => `POST /v1/${provider}/key-pairs`).sort());
  });

  it.each<[string, string, string | undefined]>([
    ['GET', '/v1/key-pairs', 'listKeyPairs'],
    ['GET', '/v1/ecs/key-pairs/web%3Aprod', 'readKeyPair'],
    ['GET', '/health', 'readHealth'],
    ['get', '/health', undefined],
    ['GET', '/health/', undefined],
    ['GET', '/v1/ecs/key-pairs/', undefined],
    ['GET', '/v1/ecs/key-pairs/web/rotations', undefined],
    ['POST', '/v1/key-pairs', undefined],
    ['GET', '', undefined],
  ])('matches %s %j with the operation %s', (method, path, operation) => {
    expect(matched(catalogRoutes, { method, path })?.operation).toBe(operation);
  });

  it.each(Object.entries(lifecycleRoutes))('matches the path of %s with that operation itself', (operation, key) => {
    const [method = '', pattern = ''] = key.split(' ');
    const path = pattern.replace('{provider}', 'ecs').replace('{name}', 'a%3Ab').replace('{id}', '7');
    const found = matched(lifecycleRoutes, { method, path });
    expect(found).toEqual({
      operation,
      parameters: {
        ...(pattern.includes('{name}') && { provider: 'ecs', name: 'a%3Ab' }),
        ...(pattern.includes('{id}') && { id: '7' }),
      },
    });
  });
});
