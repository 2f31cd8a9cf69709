// A part of `npm run fuzz`, and that its oracle can find something at all.
import { describe, expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';
import { type Fuzzed, faultsOf } from './fuzzing.ts';

describe('requests that nobody would write', { timeout: 120_000 }, () => {
  it('get no 5xx, no echo and nobody in, whoever sends them', async () => {
    const { faults, statuses } = await fuzz(5_000, 7);
    expect(faults).toEqual([]);
    // Of each kind enough: what is refused for its form shows nothing about who may do what.
    for (const [status, least] of [
      [200, 150],
      [201, 5],
      [207, 30], // which vend most of the names there are
      [202, 5],
      [400, 500],
      [401, 200],
      [403, 150],
      [404, 100],
    ] as const)
      expect({ status, count: statuses[status] }).toMatchObject({
        count: expect.toSatisfy((count: number) => count >= least),
      });
  });

  it.each<[string, Partial<Fuzzed>, number, object, string]>([
    ['a failure of ours', {}, 500, { code: 'INTERNAL' }, 'answered 500'],
    ['a code that is not of that status', {}, 502, { code: 'THROTTLED' }, 'answered 502'],
    ['an echo', {}, 400, { detail: 'c4n4ry' }, 'echoed its input'],
    ['a key', {}, 200, { key: '-----BEGIN RSA PRIVATE KEY-----' }, 'showed a key'],
    ['another team', { holder: 'team-a', path: '/v1/ecs/key-pairs/team-ab' }, 200, {}, 'let somebody in'],
    [
      'a reader who changes',
      { holder: 'auditor', method: 'PUT', path: '/v1/ecs/key-pairs/team-a-1/policy' },
      200,
      {},
      'let somebody in',
    ],
    ['nobody', { holder: 'nobody', path: '/v1/key-pairs' }, 200, {}, 'let somebody in'],
  ])('would find %s', (_, asked, status, body, fault) => {
    const whole: Fuzzed = { holder: 'operator', method: 'GET', path: '/v1/key-pairs', headers: {}, ...asked };
    expect(faultsOf(whole, { status, body: JSON.stringify(body) }, 5)).toContain(fault);
  });
});
