import { describe, expect, it } from 'vitest';
import { callersHeaders, callIn, kindOf } from '../../../../lib/platforms/fc/received.ts';

const call = { 'x-fc-request-id': 'r1' };
const as = (path: string) => ({ ...call, 'x-fc-control-path': path });

describe('what the platform sends', () => {
  it.each([
    // A function that answers requests.
    ['requests', 'POST', '/initialize', as('/initialize'), 'initialize'],
    ['requests', 'GET', '/pre-stop', as('/pre-stop'), 'pre-stop'],
    ['requests', 'POST', '/initialize', as('/http-invoke'), 'request'],
    ['requests', 'GET', '/pre-stop?a=1', as('/http-invoke'), 'request'],
    ['requests', 'POST', '/invoke', as('/invoke'), 'request'],
    ['requests', 'POST', '/v1/ecs/key-pairs', as('/initialize'), 'request'],
    ['requests', 'POST', '/invoke', call, 'request'],
    ['requests', 'POST', '/initialize', call, 'perhaps-initialize'],
    ['requests', 'GET', '/pre-stop', call, 'perhaps-pre-stop'],
    ['requests', 'POST', '/initialize', {}, 'request'],
    // One that takes events.
    ['events', 'POST', '/invoke', as('/invoke'), 'event'],
    ['events', 'POST', '/invoke', as('/http-invoke'), 'other'],
    ['events', 'POST', '/initialize', as('/http-invoke'), 'other'],
    ['events', 'POST', '/v1/ecs/key-pairs', as('/invoke'), 'other'],
    ['events', 'POST', '/initialize', as('/initialize'), 'initialize'],
    ['events', 'POST', '/invoke', call, 'event'],
    ['events', 'POST', '/initialize', call, 'initialize'],
    ['events', 'GET', '/pre-stop', call, 'pre-stop'],
    ['events', 'GET', '/invoke', call, 'other'],
    ['events', 'POST', '/invoke', {}, 'other'],
    ['events', 'POST', '/invoke', { ...call, 'x-forwarded-for': '203.0.113.9' }, 'other'],
    ['events', 'GET', '/pre-stop', { ...call, authorization: 'Bearer x' }, 'other'],
  ] as const)('for %s: %s %s with %o is %s', (serves, method, url, headers, kind) => {
    expect(kindOf(serves, { method, url, headers })).toBe(kind);
  });

  it('keeps its own headers, and the keys in them, from whoever handles the request', () => {
    const headers = {
      ...call,
      'x-fc-access-key-secret': 'secret',
      'x-fc-security-token': 'token',
      accept: 'a',
      cookie: 'b',
    };
    expect([...callersHeaders(headers)]).toEqual([
      ['accept', 'a'],
      ['cookie', 'b'],
    ]);
  });

  it('has a key only where all of it is there, which nothing prints', () => {
    const key = { 'x-fc-access-key-id': 'STS.1', 'x-fc-access-key-secret': 'secret', 'x-fc-security-token': 'token' };
    const { credentials } = callIn({ ...call, ...key }, () => 'new');
    expect(credentials?.accessKeySecret.reveal()).toBe('secret');
    expect(JSON.stringify(credentials)).not.toMatch(/"secret"|"token"/);
    expect(callIn({ ...call, 'x-fc-access-key-id': 'STS.1' }, () => 'new').credentials).toBeUndefined();
  });

  it('is given an id where it has none, or one that could break a line of the log', () => {
    for (const id of [undefined, 'a\nFC Invoke End RequestId: b', '']) {
      expect(callIn(id === undefined ? {} : { 'x-fc-request-id': id }, () => 'new').id).toBe('new');
    }
  });
});
