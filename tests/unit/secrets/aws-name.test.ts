import { describe, expect, it } from 'vitest';
import type { Identity } from '../../../lib/identity.ts';
import { providerNames } from '../../../lib/provider-table.ts';
import { checkedPrefix, identityNamed, nameOf } from '../../../lib/secrets/secrets-manager/aws-name.ts';
import { tagsOf } from '../../../lib/secrets/secrets-manager/aws-secret.ts';

const prefix = 'keyvend/';
/** mulberry32: the same numbers in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = numbers(20_260_301);
const below = (count: number) => Math.floor(random() * count);
const oneOf = <T>(list: readonly T[]): T => list[below(list.length)]!;
const letters = (alphabet: string, longest: number): string =>
  Array.from({ length: 1 + below(longest) }, () => oneOf([...alphabet])).join('');

const LOW = 'ab0-';
const nasty = [
  'a:b',
  'a_b',
  'a-b',
  'A:b',
  'a=3Ab',
  'a=b',
  'a',
  'web-abc123',
  'web=2Dabc123',
  'w-a:c12',
  '-------',
  'a.b',
  'a+b',
  'ä',
  'a%3Ab',
  '::::::',
  '/',
];
const someName = () => {
  const kind = below(4);
  if (kind === 0) return oneOf(nasty.slice(0, -1));
  if (kind === 1) return `${letters('abAB', 4)}-${letters('ab1', 6)}`;
  return letters(kind === 2 ? 'aAb:_-' : 'abcXYZ019:_-=', 128);
};
const someIdentity = (): Identity => ({
  provider: oneOf(providerNames),
  account: letters(LOW, 8),
  region: oneOf(['global', 'cn-hangzhou', 'ap-tokyo', letters(LOW, 6)]),
  name: someName(),
});
const same = (a: Identity) => JSON.stringify([a.provider, a.account, a.region, a.name]);

describe('the name of a secret in AWS', () => {
  it('is valid, tells ten thousand identities apart, and leads back to each', () => {
    const named = new Map<string, string>();
    const seen = new Set<string>();
    for (let i = 0; i < 10_000; i += 1) {
      const identity = someIdentity();
      const name = nameOf(prefix, identity);
      if (!/^[A-Za-z0-9/_+=.@-]{1,512}$/.test(name) || /-.{6}$/.test(name)) expect.fail(`AWS would not take ${name}`);
      expect(named.get(name) ?? same(identity)).toBe(same(identity));
      expect(identityNamed(prefix, name)).toEqual(identity);
      named.set(name, same(identity));
      seen.add(same(identity));
    }
    expect(named.size).toBe(seen.size);
    expect(seen.size).toBeGreaterThan(5_000);
  });

  it('can be read by people', () => {
    const name = (text: string, region = 'cn-hangzhou') =>
      nameOf(prefix, { provider: 'ecs', account: 'default', region, name: text });
    expect(name('web_1')).toBe('keyvend/ecs/default/cn-hangzhou/web_1');
    expect(name('web:1')).toBe('keyvend/ecs/default/cn-hangzhou/web=3A1');
    expect(name('web-abc123')).toBe('keyvend/ecs/default/cn-hangzhou/web=2Dabc123');
    expect(name('web', 'cn-zz')).toBe('keyvend/ecs/default/cn=2Dzz/web'); // a hyphen and six characters, across the slash
    expect(name('ab12', 'cn-h')).toBe('keyvend/ecs/default/cn=2Dh/ab12');
    expect(name(':'.repeat(128)).length).toBeLessThan(512);
  });

  it('stands for no identity when somebody else made it', () => {
    const others = ['keyvend/', 'other/ecs/a/b/c', 'keyvend/ecs/a/b', 'keyvend/ecs/a/b/c/d', 'keyvend/gcp/a/b/c'];
    const spelledOtherwise = [
      'keyvend/ecs/a/b/c=3a',
      'keyvend/ecs/a/b/=41',
      'keyvend/ecs/a/b/c=2Fd',
      'keyvend/ecs/a/b/c=3',
    ];
    for (const name of [...others, ...spelledOtherwise, 'keyvend/ecs/a/b/c%3A', 'keyvend/ecs/a/b/c=FF']) {
      expect(identityNamed(prefix, name)).toBeUndefined();
    }
  });

  it('is refused when none can be made of the identity', () => {
    const long: Identity = { provider: 'ecs', account: 'a'.repeat(500), region: 'global', name: 'web' };
    expect(() => nameOf(prefix, long)).toThrow(expect.objectContaining({ code: 'STORE_REFUSED', effect: 'none' }));
    expect(() => nameOf(prefix, { ...long, account: 'a', name: '\ud800' })).toThrow(TypeError);
    for (const wrong of ['a:b', 'key vend/', 'ä/']) expect(() => checkedPrefix(wrong)).toThrow(TypeError);
  });

  it('comes with the identity in a tag that AWS accepts, or with its digest when that is too long', () => {
    const identity: Identity = { provider: 'ecs', account: 'a'.repeat(300), region: 'global', name: 'web' };
    expect(tagsOf('here', { ...identity, account: 'a' })).toEqual({
      keyvend: 'here',
      'keyvend-identity': 'ecs/a/global/web',
    });
    expect(tagsOf('here', identity)['keyvend-identity']).toMatch(/^sha256\/[0-9a-f]{64}$/);
  });
});
