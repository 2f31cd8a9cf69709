import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../lib/clock.ts';
import type { KeyPairRecord } from '../../../../lib/vending/record.ts';
import { nextAgeRotation } from '../../../../lib/vending/rotation/next-age-rotation.ts';
import { rotationStates } from '../../../../lib/vending/rotation/rotation-record.ts';
import { oldAtMs } from '../../../../lib/vending/rotation/rotation-schedule.ts';
import { rotationDefaults } from '../../../doubles/rotation-defaults.ts';

const AT_MS = Date.parse('2026-03-01T12:00:00Z');
const record = (over: object = {}): KeyPairRecord =>
  ({
    state: 'active',
    policy: { maxAgeDays: 90 },
    versions: [
      { id: 'v1', activatedAtMs: AT_MS - DAY_MS },
      { id: 'v2', activatedAtMs: AT_MS },
    ],
    ...over,
  }) as unknown as KeyPairRecord;
const rotation = (state: string, over: object = {}) => ({ id: state, state, hosts: {}, waived: [], ...over });
const pairs = (count: number) => ({ pairs: Array.from({ length: count }, (_, i) => ({ versionId: `v${i}` })) });

describe('the next rotation by age', () => {
  it('is so many days after the key that counts began to, whatever became of earlier rotations', () => {
    const expected = { atMs: AT_MS + 90 * DAY_MS };
    expect(nextAgeRotation(record(), rotationDefaults)).toEqual(expected);
    const over = [rotation('purged'), rotation('cancelled'), rotation('promoted')];
    expect(nextAgeRotation(record({ rotations: over, outgoing: pairs(59) }), rotationDefaults)).toEqual(expected);
    expect(nextAgeRotation(record({ policy: undefined }), { ...rotationDefaults, maxAgeDays: 2 })).toEqual({
      atMs: AT_MS + 2 * DAY_MS,
    });
  });

  it.each<[string, object]>([
    ['off', { policy: {} }],
    ['off', { policy: { maxAgeDays: 0 } }],
    ['under-way', { rotations: [rotation('staged')] }],
    ['under-way', { rotations: [rotation('cancelling')] }],
    ['undone', { rotations: [rotation('promoted'), rotation('promoted', { id: 'other' })], outgoing: pairs(60) }],
    ['lingering', { rotations: [rotation('old-key-removed', { endedAtMs: AT_MS })], outgoing: pairs(60) }],
    ['retired', { state: 'retired' }],
    ['retired', { state: 'purging', rotations: [rotation('staged')] }],
    ['not-in-use', { state: 'vending', versions: [] }],
    ['not-in-use', { state: 'conflict' }],
    ['successor', { successorOf: 'web' }],
  ])('is none, and says why: %s', (none, over) => {
    expect(nextAgeRotation(record(over), rotationDefaults)).toEqual({ none });
  });

  it('is set where the schedule has one, and nowhere else', () => {
    const some = [
      { policy: {} },
      ...rotationStates.map((state) => ({ rotations: [rotation(state)] })),
      ...rotationStates.map((state) => ({ rotations: [rotation('promoted'), rotation(state, { id: 'b' })] })),
      ...[59, 60, 61].map((count) => ({ outgoing: pairs(count) })),
      ...['vending', 'active', 'conflict', 'vacant', 'retired', 'purging'].map((state) => ({ state })),
    ];
    for (const over of some) {
      const next = nextAgeRotation(record(over), rotationDefaults);
      expect('atMs' in next ? next.atMs : undefined).toBe(oldAtMs(record(over), rotationDefaults));
    }
  });
});
