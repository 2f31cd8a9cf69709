import { expect, it } from 'vitest';
import { inTime } from '../../../lib/application/in-time.ts';

it("inTime gives the work's own result when that comes in time", async () => {
  expect(await inTime(Promise.resolve(7), 60_000)).toBe(7);
  await expect(inTime(Promise.reject(new Error('no')), 60_000)).rejects.toThrow('no');
});

it('inTime answers OUTCOME_UNKNOWN when the time is up, says that asking again is safe, and lets the work go on', async () => {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const late = inTime(promise, 1);
  await expect(late).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', effect: 'unknown', retryAfterMs: 5_000 });
  await expect(late).rejects.toThrow('Send the same request again; that is safe.');
  resolve(7);
  expect(await promise).toBe(7);
  const failing = Promise.withResolvers<number>();
  await expect(inTime(failing.promise, 1)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  failing.reject(new Error('too late to matter')); // and leaves no rejection unhandled
  reject(new Error('settled already'));
});
