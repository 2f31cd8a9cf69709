// The alarms on rotations, held against the worker that feeds them: it runs for days here, by a clock that is moved on. What is
// stuck is heard for as long as it is, and what passes is not.
import { describe, expect, it } from 'vitest';
import { VendingError } from '../../lib/errors.ts';
import { LONGEST_PAUSE_MS, STALLED_MS } from '../../lib/vending/rotation/put-off.ts';
import { heard } from './alarm-model.ts';
import { rotating } from './worker-log.ts';

const MINUTE_MS = 60_000;
const [HOUR, DAY] = [60, 24 * 60];
/** Handed out every minute, taken, and tried for two minutes at most. */
const SLACK = 5;

describe('a rotation', () => {
  it('that is stuck is heard within two pauses, alone as it is, and for as long as it is stuck', async () => {
    const here = await rotating({ isDown: () => true });
    await here.rotate();
    await here.until(3 * DAY);
    const up = heard('RotationWorker', here.lines, here.startMs, 3 * DAY);
    expect(Object.keys(up)).toEqual(['StalledRotationsAlarm']);
    expect(up.StalledRotationsAlarm).toHaveLength(1);
    expect(up.StalledRotationsAlarm![0]).toBeLessThanOrEqual((STALLED_MS + LONGEST_PAUSE_MS) / MINUTE_MS + SLACK);
    expect(here.lines.find(({ message }) => message === 'rotation stalled')).toMatchObject({
      provider: 'cvm',
      name: 'web_1',
      rotationId: (await here.rotation()).id,
      state: 'staged',
      code: 'COVERAGE_MISSED',
      hours: 1,
    });
  });

  it('that gets on after all is heard no more', async () => {
    const here = await rotating({ isDown: (minute) => minute < 5 * HOUR });
    await here.rotate();
    await here.until(12 * HOUR);
    const { StalledRotationsAlarm: changed } = heard('RotationWorker', here.lines, here.startMs, 12 * HOUR);
    expect(changed).toHaveLength(2);
    expect(changed![1]).toBeLessThanOrEqual(5 * HOUR + (4 * LONGEST_PAUSE_MS) / MINUTE_MS + SLACK);
  });

  it('that fails for half an hour and gets on by itself is not heard, and neither is one that never fails', async () => {
    for (const isDown of [(minute: number) => minute < 30, () => false]) {
      const here = await rotating({ isDown });
      await here.rotate();
      await here.until(10 * DAY);
      expect((await here.rotation()).state).toBe('purged');
      expect(heard('RotationWorker', here.lines, here.startMs, 10 * DAY)).toEqual({});
      expect(heard('RotationDue', here.lines, here.startMs, 10 * DAY)).toEqual({});
    }
  });

  it('whose worker never comes is heard within an hour and a half, until it comes', async () => {
    const here = await rotating({ worksAt: (minute) => minute > 6 * HOUR });
    await here.rotate();
    await here.until(9 * HOUR);
    const up = heard('RotationDue', here.lines, here.startMs, 9 * HOUR);
    expect(Object.keys(up)).toEqual(['LateRotationsAlarm']);
    expect(up.LateRotationsAlarm).toHaveLength(2);
    expect(up.LateRotationsAlarm![0]).toBeLessThanOrEqual(90);
    expect(up.LateRotationsAlarm![1]).toBeLessThanOrEqual(7 * HOUR);
  });

  it('of a key pair that was restored, long after it was due, is not heard because of that', () => {
    const line = { message: 'rotation late', minutes: 3_000, atMs: 0 };
    expect(heard('RotationDue', [line], 0, DAY)).toEqual({});
  });
});

describe('an old pair that the cloud does not let go', () => {
  it('is heard once it was refused three times, and for as long as it stays, though it is tried once a day', async () => {
    const here = await rotating({ policy: { overlapDays: 1 }, everyMinutes: 5 });
    await here.attach('i-1');
    await here.rotate();
    await here.until(12 * DAY);
    const up = heard('RotationWorker', here.lines, here.startMs, 12 * DAY);
    expect(Object.keys(up)).toEqual(['LingeringPairsAlarm']);
    expect(up.LingeringPairsAlarm).toHaveLength(1);
    expect(up.LingeringPairsAlarm![0]).toBeLessThanOrEqual(DAY + 2 * HOUR);
    here.cloud.release('i-1');
    await here.until(16 * DAY);
    expect((await here.rotation()).state).toBe('purged');
    expect(heard('RotationWorker', here.lines, here.startMs, 16 * DAY).LingeringPairsAlarm).toHaveLength(2);
  });

  it('is not heard while an instance that is being released still shows it', async () => {
    const here = await rotating({ policy: { overlapDays: 1 } });
    await here.attach('i-1');
    await here.rotate();
    await here.until(DAY - 5);
    while ((await here.recordOf()).outgoing?.pairs[0]?.held === undefined) {
      await here.until((here.clock.wallMs() - here.startMs) / MINUTE_MS + 1);
    }
    here.cloud.release('i-1');
    await here.until(3 * DAY);
    expect(heard('RotationWorker', here.lines, here.startMs, 3 * DAY)).toEqual({});
  });

  it('is heard when the cloud refuses for another reason, and for as long as it does', async () => {
    const before = (_: number, call: string) => {
      if (call === 'cloud.remove') throw new VendingError('PERMISSION_DENIED', 'It is set so');
    };
    const here = await rotating({ policy: { overlapDays: 1 }, script: { before } });
    await here.rotate();
    await here.until(4 * DAY);
    const up = heard('RotationWorker', here.lines, here.startMs, 4 * DAY);
    expect(Object.keys(up)).toEqual(['StalledRotationsAlarm']);
    expect(up.StalledRotationsAlarm).toHaveLength(1);
    expect(up.StalledRotationsAlarm![0]).toBeLessThanOrEqual(DAY + 3 * HOUR);
  });
});
