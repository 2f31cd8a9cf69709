// How far a policy may go, and what applies where one went further before it was told.

import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../lib/clock.ts';
import { policyView } from '../../../../lib/contract/rotation-view.ts';
import { checkedBy } from '../../../../lib/environment.ts';
import { defaultsWithBounds, rotationConfiguration } from '../../../../lib/platforms/rotation-configuration.ts';
import { type Bounds, outOfBounds } from '../../../../lib/policy-bounds.ts';
import { type Policy, policyOf } from '../../../../lib/vending/rotation/policy.ts';
import { oldAtMs } from '../../../../lib/vending/rotation/rotation-schedule.ts';
import { rotationDefaults } from '../../../doubles/rotation-defaults.ts';
import { rotated } from './world.ts';

/** As a deployment has them that says this and no more. */
const configured = (environment: Record<string, string> = {}, over: Partial<Policy> = {}) =>
  defaultsWithBounds(checkedBy(rotationConfiguration(), { KEYVEND_ROTATION_QUEUE_URL: 'http://q', ...environment }), {
    ...rotationDefaults,
    ...over,
  });
const told = (policy: Partial<Policy>, bounds: Bounds) =>
  outOfBounds(policy, bounds).map(({ field, detail }) => `${field} ${detail}`);

describe('bounds that nobody configured', () => {
  it('are these', () => {
    expect(configured().bounds).toEqual({
      minCoverage: 0.5,
      minOverlapDays: 1,
      maxOverlapDays: 90,
      leastMaxAgeDays: 1,
      mostParallelHosts: 20,
      mayRecordHostKeys: false,
    });
  });

  it("reach as far as the operator's own defaults do", () => {
    const { bounds } = configured({}, { coverage: 0.3, overlapDays: 0.5, maxAgeDays: 0.5, maxParallelHosts: 40 });
    expect(bounds).toMatchObject({
      minCoverage: 0.3,
      minOverlapDays: 0.5,
      leastMaxAgeDays: 0.5,
      mostParallelHosts: 40,
    });
    expect(configured({}, { overlapDays: 120, recordHostKeys: true }).bounds).toMatchObject({
      maxOverlapDays: 120,
      mayRecordHostKeys: true,
    });
    expect(configured({}, { overlapDays: 0 }).bounds).toMatchObject({ minOverlapDays: 0 });
  });

  it.each<[string, Partial<Policy>, string]>([
    ['hardly any host', { coverage: 0.0001 }, 'coverage must be at least 0.5'],
    ['no overlap', { overlapDays: 0 }, 'overlapDays must be at least 1'],
    ['an old key for a year', { overlapDays: 365 }, 'overlapDays must be at most 90'],
    ['a rotation every minute', { maxAgeDays: 0.0007 }, 'maxAgeDays must be at least 1'],
    ['fifty hosts at once', { maxParallelHosts: 50 }, 'maxParallelHosts must be at most 20'],
    [
      'whatever host key comes',
      { recordHostKeys: true },
      'recordHostKeys must be false: host keys may not be recorded here',
    ],
  ])('keep a policy from asking for %s', (_, policy, detail) =>
    expect(told(policy, configured().bounds!)).toEqual([detail]),
  );

  it('leave what lies at them, an age of none, and what is not said', () => {
    const at = { coverage: 0.5, overlapDays: 1, maxAgeDays: 1, maxParallelHosts: 20, recordHostKeys: false };
    expect(told(at, configured().bounds!)).toEqual([]);
    expect(told({ maxAgeDays: 0 }, configured().bounds!)).toEqual([]);
    expect(told({}, configured().bounds!)).toEqual([]);
  });
});

describe('bounds of the configuration', () => {
  it('are each a variable of its own', () => {
    const said = {
      KEYVEND_MIN_COVERAGE: '0.9',
      KEYVEND_MIN_OVERLAP_DAYS: '2',
      KEYVEND_MAX_OVERLAP_DAYS: '14',
      KEYVEND_LEAST_MAX_AGE_DAYS: '30',
      KEYVEND_MOST_MAX_AGE_DAYS: '180',
      KEYVEND_MOST_PARALLEL_HOSTS: '8',
      KEYVEND_MAY_RECORD_HOST_KEYS: 'true',
    };
    expect(configured(said, { maxAgeDays: 90 }).bounds).toEqual({
      minCoverage: 0.9,
      minOverlapDays: 2,
      maxOverlapDays: 14,
      leastMaxAgeDays: 30,
      mostMaxAgeDays: 180,
      mostParallelHosts: 8,
      mayRecordHostKeys: true,
    });
  });

  it('can say that every key pair is rotated by itself: then an age of none is beyond them', () => {
    const { bounds } = configured({ KEYVEND_MOST_MAX_AGE_DAYS: '180' }, { maxAgeDays: 90 });
    expect(told({ maxAgeDays: 0 }, bounds!)).toEqual(['maxAgeDays must be at most 180']);
    expect(told({ maxAgeDays: 181 }, bounds!)).toEqual(['maxAgeDays must be at most 180']);
  });

  it.each<[Record<string, string>, Partial<Policy>, RegExp]>([
    [{ KEYVEND_MIN_OVERLAP_DAYS: '8' }, {}, /KEYVEND_MIN_OVERLAP_DAYS$/],
    [{ KEYVEND_MAX_OVERLAP_DAYS: '6' }, {}, /KEYVEND_MAX_OVERLAP_DAYS$/],
    [{ KEYVEND_MIN_COVERAGE: '0.9' }, { coverage: 0.8 }, /KEYVEND_MIN_COVERAGE$/],
    [{ KEYVEND_MOST_MAX_AGE_DAYS: '90' }, {}, /KEYVEND_MOST_MAX_AGE_DAYS$/],
    [{ KEYVEND_MAY_RECORD_HOST_KEYS: 'false' }, { recordHostKeys: true }, /KEYVEND_MAY_RECORD_HOST_KEYS$/],
    [{ KEYVEND_MIN_COVERAGE: '1.1' }, {}, /KEYVEND_MIN_COVERAGE$/],
    [{ KEYVEND_MAX_OVERLAP_DAYS: 'week' }, {}, /KEYVEND_MAX_OVERLAP_DAYS$/],
  ])('stop the start when they contradict the defaults or are none: %j with %j', (said, over, names) =>
    expect(() => configured(said, over)).toThrow(names),
  );
});

describe('a policy that was put before its bounds', () => {
  const wild = { coverage: 0.0001, overlapDays: 0, maxAgeDays: 4_000, maxParallelHosts: 50, recordHostKeys: true };
  const defaults = configured({ KEYVEND_MOST_MAX_AGE_DAYS: '365' }, { maxAgeDays: 90 });

  it('applies as near to what it says as they permit, and says so', () => {
    const applied = { coverage: 0.5, overlapDays: 1, maxAgeDays: 365, maxParallelHosts: 20, recordHostKeys: false };
    expect(policyOf({ policy: wild }, defaults)).toMatchObject(applied);
    expect(policyView({ policy: { ...wild, setBy: 'somebody' } }, defaults)).toEqual({
      ...applied,
      hosts: [],
      clamped: ['coverage', 'overlapDays', 'maxAgeDays', 'maxParallelHosts', 'recordHostKeys'],
    });
    expect(policyView({ policy: { coverage: 0.7 } }, defaults)).not.toHaveProperty('clamped');
  });

  it('goes by the bounds of the grant that put it, where that has any', () => {
    const floors = { minCoverage: 0.1, minOverlapDays: 3 };
    expect(policyOf({ policy: { coverage: 0.1, overlapDays: 2, floors } }, defaults)).toMatchObject({
      coverage: 0.1,
      overlapDays: 3,
    });
  });

  it('is due when the bound says', async () => {
    const here = await rotated('ecs');
    const record = { ...(await here.recordOf()), policy: { maxAgeDays: 0 } };
    expect(oldAtMs(record, rotationDefaults)).toBeUndefined();
    expect(oldAtMs(record, defaults)).toBe(record.versions[0]!.activatedAtMs + 365 * DAY_MS);
  });
});
