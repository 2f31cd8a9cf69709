import { describe, expect, it } from 'vitest';
import { claimAt, isOneOf, one, words } from '../../../lib/access/claims.ts';

const claims = JSON.parse(`{
  "cognito:groups": ["operators"],
  "https://example.com/team": "blue",
  "resource_access": { "web": { "roles": ["vend"] }, "my.client": { "roles": ["read"] } },
  "kubernetes.io": { "namespace": "build", "serviceaccount": { "uid": "u-1" } },
  "a.b": "whole", "a": { "b": "parts" },
  "__proto__": { "polluted": "no" }
}`);

describe('a claim', () => {
  it.each([
    ['cognito:groups', ['operators']],
    ['https://example.com/team', 'blue'],
    ['resource_access.web.roles', ['vend']],
    ['resource_access.my.client.roles', ['read']],
    ['kubernetes.io.namespace', 'build'],
    ['kubernetes.io.serviceaccount.uid', 'u-1'],
    ['a.b', 'whole'],
  ])('is found by the path %s', (path, value) => {
    expect(claimAt(claims, path)).toEqual(value);
  });

  it.each([
    'b',
    'a.c',
    'a.b.c',
    'resource_access.web.roles.0',
    'cognito:groups.0',
    'cognito:groups.length',
    'constructor',
    'a.constructor.name',
    'toString',
    'polluted',
    '',
    '.',
    'a.',
  ])('is absent at the path "%s", where the token has none of its own', (path) => {
    expect(claimAt(claims, path)).toBeUndefined();
  });

  it('of many values is read from a list, and from one string with blanks', () => {
    expect(words(['vend', 'read'])).toEqual(['vend', 'read']);
    expect(words('vend  read')).toEqual(['vend', 'read']);
    expect(words(['vend', 5, null, ''])).toEqual(['vend']);
    for (const none of [undefined, null, 5, true, {}, '']) expect(words(none)).toEqual([]);
  });

  it('of one value is a string, or there is none', () => {
    expect(one('vend')).toBe('vend');
    for (const none of [undefined, null, 5, true, {}, ['vend']]) expect(one(none)).toBeUndefined();
  });

  it('matches what it equals, whole and letter by letter, and a list matches by one of its elements', () => {
    expect(isOneOf('access', 'access')).toBe(true);
    expect(isOneOf('b', ['a', 'b'])).toBe(true);
    expect(isOneOf(['x', 'b'], ['a', 'b'])).toBe(true);
    for (const other of ['Access', 'access ', ' access', 'access id', '', ['accessory'], [['access']], { access: 1 }])
      expect(isOneOf(other, 'access')).toBe(false);
  });

  it.each([
    [true, 'true'],
    [5, '5'],
    [null, 'null'],
    [undefined, 'undefined'],
    [[true], 'true'],
    [{}, '[object Object]'],
  ])('that is %j does not match the string %j', (value, listed) => {
    expect(isOneOf(value, listed)).toBe(false);
  });
});
