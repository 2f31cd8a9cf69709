// Each alarm held against the schedule that feeds it: what is wrong for good is heard, for as long as it lasts, and what passes is not.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deadLettersOf, queueOf, queues, UNROUTED } from '../../deploy/queue-resources.ts';
import { allFunctions, queueOwners, title } from '../../deploy/words.ts';
import { deadlineIn } from '../../lib/clock.ts';
import { VendingError } from '../../lib/errors.ts';
import { vend } from '../../lib/vending/vend.ts';
import { diesAfter } from '../doubles/dies-after.ts';
import { world } from '../unit/vending/world.ts';
import { all, heard, isUp, isUpAt, type Line } from './alarm-model.ts';
import { recovering } from './worker-log.ts';

const MINUTE_MS = 60_000;
const [HOUR, DAY] = [60, 24 * 60];

describe('recovery', () => {
  const died = async () => {
    const here = world('cvm');
    const deadline = deadlineIn(here.clock, 29_000);
    const command = { identity: here.identity, request: {}, caller: 'portal', deadline };
    await vend(here.worker(diesAfter('cloud.create')), command).catch(() => {});
    return { ...here, startMs: here.clock.wallMs() };
  };

  it('that cannot settle one attempt is heard, and for as long as it cannot', async () => {
    const here = await died();
    const lines = await recovering(here, DAY, () => true);
    const up = heard('RecoverySettle', lines, here.startMs, DAY);
    expect(Object.keys(up)).toEqual(['UnsettledAttemptsAlarm']);
    expect(up.UnsettledAttemptsAlarm).toHaveLength(1);
    expect(up.UnsettledAttemptsAlarm![0]).toBeLessThanOrEqual(HOUR);
  });

  it('that cannot for ten minutes is not heard', async () => {
    for (let from = 0; from < 12; from += 1) {
      const here = await died();
      const lines = await recovering(here, 3 * HOUR, (minute) => minute >= from && minute < from + 10);
      expect(heard('RecoverySettle', lines, here.startMs, 3 * HOUR)).toEqual({});
    }
  });

  it('that cannot publish one event is heard, and for as long as it cannot', async () => {
    const here = world('cvm');
    const deadline = deadlineIn(here.clock, 29_000);
    const command = { identity: here.identity, request: {}, caller: 'portal', deadline };
    const before = (_: number, call: string) => {
      if (call === 'events.publish') throw new VendingError('QUEUE_UNAVAILABLE', 'It is set so');
    };
    await vend(here.worker({ before }), command);
    const startMs = here.clock.wallMs();
    const lines = await recovering({ ...here, worker: () => here.worker({ before }) }, DAY);
    const up = heard('RecoverySettle', lines, startMs, DAY);
    expect(Object.keys(up)).toEqual(['UnsettledAttemptsAlarm']);
    expect(up.UnsettledAttemptsAlarm).toHaveLength(1);
  });

  it("that finds one pair of somebody else's under the name is heard, and for as long as it does", async () => {
    const here = await died();
    here.cloud.pairs.splice(0);
    here.clock.advance(60 * MINUTE_MS); // far past the moment at which our own could land
    await here.adapter.create({ ...here.identity, tags: { owner: 'x' } }, { timeoutMs: 1 });
    const startMs = here.clock.wallMs();
    const lines = await recovering(here, DAY);
    const up = heard('RecoverySettle', lines, startMs, DAY);
    expect(Object.keys(up)).toEqual(['ConflictsAlarm']);
    expect(up.ConflictsAlarm).toHaveLength(1);
    expect(up.ConflictsAlarm![0]).toBeLessThanOrEqual(5);
  });
});

describe('what a schedule counts or compares', () => {
  const every = (minutes: number, upTo: number, line: (i: number) => object): Line[] =>
    Array.from({ length: Math.floor(upTo / minutes) }, (_, i) => ({
      message: '',
      ...line(i),
      atMs: i * minutes * MINUTE_MS,
    }));

  it('is heard from one count to the next: a quota that is nearly used up, though one count in between fails', () => {
    const lines = every(15, DAY, (i) => (i === 9 ? {} : { message: 'usage', percent: 92 }));
    expect(heard('RecoveryCount', lines, 0, DAY - 15)).toEqual({ QuotaUsedPercentAlarm: [0] });
    const fewer = every(15, DAY, () => ({ message: 'usage', percent: 89 }));
    expect(heard('RecoveryCount', fewer, 0, DAY - 15)).toEqual({});
  });

  it('is heard from one day to the next: a discrepancy', () => {
    const late = (i: number) => ({ message: 'finding', kind: 'secret-only', place: i });
    expect(heard('RecoveryReconcile', every(DAY + 15, 7 * DAY, late), 0, 6 * DAY)).toEqual({ DiscrepanciesAlarm: [0] });
    const none = () => ({ message: 'reconciled', 'secret-only': 0, 'upstream-only': 0 });
    expect(heard('RecoveryReconcile', every(DAY, 7 * DAY, none), 0, 6 * DAY)).toEqual({});
  });
});

describe('a function that a schedule calls', () => {
  const often = { RotationDue: 1, RecoverySettle: 1, RecoveryCount: 15, RecoveryReconcile: 15 };

  it.each(Object.entries(often))('is heard when it is called no more, and not before: %s', (name, minutes) => {
    const calls = Array.from({ length: 20 }, (_, i) => ({ atMs: i * minutes * MINUTE_MS, value: 1 }));
    const upAt = (minute: number) => isUp(`${name}SilentAlarm`, calls, minute * MINUTE_MS);
    for (let minute = 15 * minutes; minute <= 19 * minutes; minute += 1) expect(upAt(minute)).toBe(false);
    expect(upAt(19 * minutes + Math.max(15, 3 * minutes))).toBe(true);
  });
});

describe('a message', () => {
  it('that is put back every 20 minutes is heard once it is late, and until it is done', () => {
    const lines = [30, 50, 70].map((minute) => ({
      message: 'message late',
      minutes: minute,
      atMs: minute * MINUTE_MS,
    }));
    for (const by of ['EnsQueue', 'EcsQueue', 'CvmQueue', 'RotationWorker'])
      expect(heard(by, lines, 0, DAY)).toEqual({ LateMessagesAlarm: [30, 100] });
  });

  it('that nobody takes is heard by its age, which one that is only hidden never reaches', () => {
    const made = queues('prod');
    for (const owner of queueOwners) {
      const { Threshold, Statistic } = all[`${queueOf(owner)}AgeAlarm`]!.Properties;
      const { VisibilityTimeout, MessageRetentionPeriod } = made[queueOf(owner)]!.Properties!;
      expect(Statistic).toBe('Maximum');
      expect(Threshold).toBeGreaterThan(Number(VisibilityTimeout));
      expect(Threshold).toBeLessThan(Number(MessageRetentionPeriod) / 2);
    }
  });

  it('that was refused is heard for as long as it lies there, and so is a call that failed, once', () => {
    // SQS sends nothing any more of a queue that has not been touched for six hours, and again once somebody looks into it.
    const depth = (from: number, to: number, value: number) =>
      Array.from({ length: to - from }, (_, i) => ({ atMs: (from + i) * MINUTE_MS, value }));
    const sent = [...depth(0, 6 * HOUR, 1), ...depth(5 * DAY, 5 * DAY + 30, 1), ...depth(5 * DAY + 30, 6 * DAY, 0)];
    for (const queue of [...queueOwners.map(deadLettersOf), UNROUTED]) {
      const moments = [0, 15, 6 * HOUR + 10, 2 * DAY, 5 * DAY + 10, 5 * DAY + 40, 9 * DAY];
      const up = isUpAt(
        `${queue}Alarm`,
        sent,
        moments.map((minute) => minute * MINUTE_MS),
      );
      expect(up).toEqual([true, true, true, true, true, false, false]);
    }
    for (const name of allFunctions) {
      const upAt = (minute: number) => isUp(`${title(name)}ErrorsAlarm`, [{ atMs: 0, value: 1 }], minute * MINUTE_MS);
      expect([0, 4, 5].map(upAt)).toEqual([true, true, false]);
    }
  });

  it('whose answer is lost now and then is not heard, and many of them are; a doubtful key is heard each time', () => {
    const lost = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ message: 'failed', effect: 'unknown', atMs: i * 2 * MINUTE_MS }));
    expect(heard('CvmHttp', lost(4), 0, DAY)).toEqual({});
    expect(heard('CvmHttp', lost(5), 0, DAY)).toHaveProperty('OpenAttemptsAlarm');
    expect(heard('CvmHttp', [{ message: 'failed', code: 'KEY_UNPROVEN', atMs: 0 }], 0, DAY)).toEqual({
      DoubtfulKeysAlarm: [0, 15],
    });
  });
});

describe('the page about deploying', () => {
  it('says how many alarms there are', () => {
    const page = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
    const names = Object.keys(all).filter((name) => all[name]!.Type === 'AWS::CloudWatch::Alarm');
    expect(page).toContain(`| alarms | ${names.length} |`);
    expect(page).toContain(`Alarms: ${names.length} at`);
  });
});
