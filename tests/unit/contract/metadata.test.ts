import { describe, expect, it } from 'vitest';
import { identityAt, locationOf } from '../../../lib/contract/location.ts';
import { catalogRoutes, lifecycleRoutes, matched } from '../../../lib/contract/routes.ts';
import type { Identity } from '../../../lib/identity.ts';

const found = (location: string) => {
  const { pathname: path, searchParams } = new URL(location, 'http://keyvend');
  return identityAt(matched(catalogRoutes, { method: 'GET', path })!.parameters, searchParams);
};

describe('the location of a key pair', () => {
  it.each<[string, Identity]>([
    ['/v1/ens/key-pairs/web', { provider: 'ens', account: 'default', region: 'global', name: 'web' }],
    ['/v1/ens/key-pairs/web?account=prod', { provider: 'ens', account: 'prod', region: 'global', name: 'web' }],
    ['/v1/ecs/key-pairs/a%3Ab?region=cn-x', { provider: 'ecs', account: 'default', region: 'cn-x', name: 'a:b' }],
    [
      '/v1/cvm/key-pairs/w_1?region=ap-x&account=prod',
      { provider: 'cvm', account: 'prod', region: 'ap-x', name: 'w_1' },
    ],
  ])('leads back to the key pair: %s', (location, identity) => {
    expect(locationOf(identity)).toBe(location);
    expect(found(location)).toEqual(identity);
  });

  it('has the path of what is below the key pair before the query', () => {
    const identity: Identity = { provider: 'ecs', account: 'prod', region: 'cn-x', name: 'a:b' };
    const location = locationOf(identity, '/rotations/1');
    expect(location).toBe('/v1/ecs/key-pairs/a%3Ab/rotations/1?region=cn-x&account=prod');
    const { pathname: path, searchParams } = new URL(location, 'http://keyvend');
    const { operation, parameters } = matched(lifecycleRoutes, { method: 'GET', path })!;
    expect({ operation, id: parameters.id }).toEqual({ operation: 'readRotation', id: '1' });
    expect(identityAt(parameters, searchParams)).toEqual(identity);
  });

  it.each(['/v1/gcp/key-pairs/web', '/v1/ecs/key-pairs/web', '/v1/ens/key-pairs/%E0%A4%A', '/v1/ens/key-pairs/a%2Fb'])(
    'is refused when it can be no location: %s',
    (location) => {
      expect(() => found(location)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    },
  );
});
