// What a terminal shows of a rotation and of a key pair.
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../lib/clock.ts';
import type { KeyPairRecord } from '../../../lib/vending/record.ts';
import { type Rotation, rotationStates } from '../../../lib/vending/rotation/rotation-record.ts';
import { keyPairLines, keyPairReport } from '../../../local/key-pair-report.ts';
import { moment, span } from '../../../local/moments.ts';
import { rotationLines } from '../../../local/rotation-lines.ts';
import { rotationReport } from '../../../local/rotation-report.ts';
import { rotationDefaults } from '../../doubles/rotation-defaults.ts';

const NOW_MS = Date.parse('2026-03-01T12:00:00Z');
const MINUTE_MS = 60_000;
const ago = (minutes: number) => NOW_MS - minutes * MINUTE_MS;
const host = (name: string) => ({ host: name, port: 22, user: 'app', hostKeys: [] });

const rotation = (over: object = {}): Rotation =>
  ({
    ...{ id: 'r1', state: 'staged', driver: 'keyvend', reason: 'requested', requestedBy: 'alice' },
    ...{ requestedAtMs: ago(90), from: { id: 'v1', keyPairId: 'k1', fingerprint: 'f1' }, successorName: 'web_r2' },
    ...{ hosts: {}, waived: [], failures: 0, ...over },
  }) as Rotation;
const record = (over: object = {}): KeyPairRecord =>
  ({
    ...{ identity: { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'web' }, state: 'active' },
    ...{ requestedBy: 'alice', requestedAtMs: ago(200), policy: { hosts: [host('a'), host('b'), host('c')] } },
    versions: [
      { id: 'v1', keyPairId: 'k1', fingerprint: 'f1', activatedAtMs: ago(200) },
      { id: 'v2', keyPairId: 'k2', fingerprint: 'f2', activatedAtMs: ago(100), upstreamName: 'web_r2' },
    ],
    ...over,
  }) as unknown as KeyPairRecord;
const shown = (one: Rotation, over: object = {}) =>
  rotationLines(rotationReport(record(over), one, rotationDefaults), NOW_MS);

describe('a rotation on a terminal', () => {
  it('shows each host with what to do, the last try and the next', () => {
    const one = rotation({
      failures: 3,
      lastError: { code: 'COVERAGE_MISSED', atMs: ago(4) },
      nextTryAtMs: NOW_MS + 4 * MINUTE_MS,
      waived: ['app@c:22'],
      hosts: {
        'app@a:22': { outcome: 'ok', atMs: ago(30) },
        'app@b:22': { outcome: 'failed', code: 'LOGIN_REFUSED', atMs: ago(3) },
        'app@c:22': { outcome: 'unverified', code: 'HOST_UNREACHABLE', atMs: ago(5) },
      },
    });
    expect(shown(one)).toEqual([
      'rotation r1: staged',
      '  requested 2026-03-01T10:30:00Z (1 h ago) by alice',
      '  failed 3 times, by COVERAGE_MISSED 2026-03-01T11:56:00Z (4 min ago)',
      expect.stringMatching(/^ {4}Too few hosts are done\. .*waive them\./),
      '  last try 2026-03-01T11:57:00Z (3 min ago)',
      '  next: the new line is added on the hosts, and proved by a login, 2026-03-01T12:04:00Z (in 4 min)',
      'hosts',
      '  app@a:22  ok, tried 2026-03-01T11:30:00Z (30 min ago)',
      '  app@b:22  failed, LOGIN_REFUSED, tried 2026-03-01T11:57:00Z (3 min ago)',
      expect.stringMatching(/^ {4}It accepts neither key\./),
      '  app@c:22  unverified, HOST_UNREACHABLE, waived, tried 2026-03-01T11:55:00Z (5 min ago)',
    ]);
  });

  it('says that it is stalled, and what lingers and comes back', () => {
    const outgoing = {
      pairs: [
        {
          ...{ versionId: 'v1', seq: 1, sinceMs: ago(50), nextTryAtMs: NOW_MS + 90 * MINUTE_MS, waived: [] },
          held: {
            sinceMs: ago(40),
            seenAtMs: ago(1),
            code: 'KEY_PAIR_IN_USE',
            tries: 4,
            instances: ['i-1', 'i-2'],
            count: 7,
          },
        },
      ],
      hosts: { 'app@a:22': { outcome: 'ok', clear: 1, returned: 2 }, 'app@b:22': { outcome: 'ok', clear: 1 } },
    };
    const lines = shown(rotation({ stalledAtMs: ago(10) }), { outgoing });
    expect(lines).toContain('  stalled since 2026-03-01T11:50:00Z (10 min ago): it does not get on by itself');
    expect(lines.slice(lines.indexOf('old pairs that are still there'))).toEqual([
      'old pairs that are still there',
      '  k1 (web)  lingers since 2026-03-01T11:20:00Z (40 min ago), refused 4 times (KEY_PAIR_IN_USE), next try 2026-03-01T13:30:00Z (in 1 h)',
      expect.stringMatching(/^ {4}i-1, i-2 and 5 more\. Instances have the old pair/),
      'hosts on which an old line was there again after it had been removed: something writes it back',
      '  app@a:22  2 times',
    ]);
  });

  it.each(rotationStates)('says what comes next when it is %s', (state) => {
    const over = ['purged', 'cancelled'].includes(state) ? { endedAtMs: ago(1) } : { nextTryAtMs: NOW_MS };
    expect(rotationReport(record(), rotation({ state, ...over }), rotationDefaults).next).toEqual({
      what: expect.stringMatching(/^[a-z].{20,}/),
      ...('nextTryAtMs' in over && { at: '2026-03-01T12:00:00.000Z' }),
    });
  });

  it('says who is at it, who has to call for it, and that missed hosts come before the end of the overlap', () => {
    const next = (over: object) => rotationReport(record(), rotation(over), rotationDefaults).next.what;
    expect(next({ lease: { holder: 'h', endsAtMs: 1 }, nextTryAtMs: 1 })).toMatch(/: a worker is at it$/);
    expect(next({ driver: 'secrets-manager' })).toMatch(/when AWS Secrets Manager calls for it$/);
    expect(next({ state: 'promoted', promotedAtMs: NOW_MS, failures: 1, nextTryAtMs: NOW_MS + 1 })).toMatch(/missed/);
    expect(next({ state: 'promoted', promotedAtMs: NOW_MS, nextTryAtMs: NOW_MS + 7 * DAY_MS })).toMatch(/old line/);
  });
});

describe('a key pair on a terminal', () => {
  const of = (over: object = {}) => keyPairLines(keyPairReport(record(over), rotationDefaults), NOW_MS);

  it('shows its versions, its policy, its rotations, and when it is rotated next', () => {
    const policy = { maxAgeDays: 90, hosts: [host('a')] };
    expect(of({ policy, rotations: [rotation({ state: 'purged', endedAtMs: 1 })] })).toEqual([
      'ecs web, region cn-hangzhou, account default: active',
      '  requested 2026-03-01T08:40:00Z (3 h ago) by alice',
      'versions',
      '  k1 (web)  f1  since 2026-03-01T08:40:00Z (3 h ago)',
      '  k2 (web_r2)  f2  since 2026-03-01T10:20:00Z (1 h ago), current',
      'policy',
      '  rotated every 90 days, overlap 7 days, coverage 1',
      '  1 host, 5 at once: app@a:22',
      '  next rotation by age: 2026-05-30T10:20:00Z (in 89 d)',
      'rotations',
      '  r1  purged, requested 2026-03-01T10:30:00Z (1 h ago)',
    ]);
  });

  it('says what its name leads to, and what to do where that is an old key or nothing', () => {
    const nameOf = (nameSlot: object) => {
      const lines = of({ policy: { keepName: true }, nameSlot: { work: { failures: 0 }, ...nameSlot } });
      return lines.slice(lines.indexOf('name') + 1);
    };
    expect(nameOf({ held: { versionId: 'v2' } })).toEqual(['  web leads to k2, which is current']);
    const blocked = (code: string, more: object = {}) => ({
      blocked: { code, sinceMs: ago(9), seenAtMs: ago(1), tries: 1, ...more },
    });
    const work = { failures: 0, nextTryAtMs: NOW_MS + MINUTE_MS };
    expect(nameOf({ work, ...blocked('KEY_PAIR_IN_USE', { instances: ['i-1'], count: 1 }) })).toEqual([
      '  web leads to k1, an old key',
      expect.stringMatching(/^ {2}instances have the old pair .* \(1: i-1\)$/),
      '  next try 2026-03-01T12:01:00Z (in 1 min)',
    ]);
    for (const code of ['NAME_TAKEN', 'QUOTA_REACHED', 'KEY_PAIR_ABSENT', 'PERMISSION_DENIED', 'CREDENTIALS_REFUSED'])
      expect(nameOf(blocked(code))[1], code).toMatch(/^ {2}[a-zA-Z].{20,}/);
  });

  it('says why it is not rotated by age, and what holds its retirement', () => {
    expect(of()).toContain('  next rotation by age: never: its policy sets no maxAgeDays');
    const held = {
      sinceMs: ago(40),
      seenAtMs: ago(1),
      code: 'KEY_PAIR_IN_USE',
      tries: 2,
      instances: ['i-1'],
      count: 1,
    };
    const work = { failures: 0, nextTryAtMs: NOW_MS + MINUTE_MS };
    const retirement = { requestedBy: 'bob', requestedAtMs: ago(60), purgeAtMs: ago(41), held, work };
    const lines = of({ state: 'retired', policy: { maxAgeDays: 1 }, retirement });
    expect(lines).toContain('  next rotation by age: never: it is out of use');
    expect(lines.slice(lines.indexOf('retirement'))).toEqual([
      'retirement',
      '  requested 2026-03-01T11:00:00Z (1 h ago) by bob; purged from 2026-03-01T11:19:00Z (41 min ago) on',
      '  the cloud does not let the pair go: refused 2 times since 2026-03-01T11:20:00Z (40 min ago) (KEY_PAIR_IN_USE)',
      expect.stringMatching(/^ {4}i-1\. Instances have/),
      '  next try 2026-03-01T12:01:00Z (in 1 min)',
    ]);
  });
});

describe('a moment', () => {
  it('is shown with the largest unit of which there is one', () => {
    expect([0, 999, 1_000, 59_999, 60_000, 3_600_000, 90_000_000].map(span)).toEqual([
      '0 s',
      '0 s',
      '1 s',
      '59 s',
      '1 min',
      '1 h',
      '1 d',
    ]);
    expect(moment(NOW_MS, NOW_MS)).toBe('2026-03-01T12:00:00Z (0 s ago)');
  });
});
