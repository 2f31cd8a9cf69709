// The part of the ledger's contract about attempts: all of them, for good.
import { describe, expect, it } from 'vitest';
import { active, called, numbers, type StartLedger, web } from './ledger-harness.ts';

/** @param forgets `elsewhere` where the service does it in its own time */
export function attemptPromises(start: StartLedger, forgets: 'here' | 'elsewhere'): void {
  describe('filing attempts', () => {
    it('keeps an attempt under its identity and id, and replaces it when that id is filed again', async () => {
      const { ledger, other } = await start();
      await ledger.fileAttempt(web, 'a', { open: true });
      await ledger.fileAttempt(web, 'b', { open: true });
      await other.fileAttempt(web, 'a', { open: false, note: 'Bär 東京 🗝️' });
      await ledger.fileAttempt(called('web_1'), 'a', { of: 'another' });
      await ledger.fileAttempt(called('web', { account: 'other' }), 'c', null);
      expect(await other.attempts(web)).toEqual(
        new Map([
          ['a', { open: false, note: 'Bär 東京 🗝️' }],
          ['b', { open: true }],
        ]),
      );
      expect(await ledger.attempts(called('web', { account: 'other' }))).toEqual(new Map([['c', null]]));
    });

    it('forgets an attempt that is not filed for good, and none that is, nor one that was filed anew', async () => {
      const { ledger, clock } = await start();
      const nowMs = clock.wallMs();
      const ids = numbers(40).map((i) => `refused ${i}`);
      for (const id of ids) await ledger.fileAttempt(web, id, {}, undefined, nowMs + 1_000);
      await ledger.fileAttempt(web, 'again', { outcome: 'refused' }, undefined, nowMs + 1_000);
      await ledger.fileAttempt(web, 'again', { outcome: 'made' });
      clock.advance(500);
      await ledger.fileAttempt(web, 'good', {});
      expect((await ledger.attempts(web)).size).toBe(42);
      clock.advance(1_000);
      for (const i of numbers(10)) await ledger.fileAttempt(web, `later ${i}`, {});
      const left = [...(await ledger.attempts(web)).keys()];
      expect(left).toEqual(expect.arrayContaining(['again', 'good', 'later 0', 'later 9']));
      if (forgets === 'here') expect(left).toHaveLength(12);
    });

    it('keeps attempts apart from the record, even under the id "record"', async () => {
      const { ledger } = await start();
      await ledger.fileAttempt(web, 'record', { note: 'an attempt' });
      expect(await ledger.read(web)).toBeUndefined();
      expect(await ledger.write(active(web), 0)).toBe(1);
      expect(await ledger.attempts(web)).toEqual(new Map([['record', { note: 'an attempt' }]]));
    });

    it('gives all attempts, even when they are more than one answer holds', async () => {
      const { ledger } = await start();
      const attempt = { note: 'x'.repeat(10_000) };
      await Promise.all(numbers(130).map((i) => ledger.fileAttempt(web, `attempt-${i}`, attempt)));
      const filed = await ledger.attempts(web);
      expect([...filed.keys()].sort()).toEqual(
        numbers(130)
          .map((i) => `attempt-${i}`)
          .sort(),
      );
      expect([...filed.values()].every((each) => JSON.stringify(each) === JSON.stringify(attempt))).toBe(true);
    });

    it('rejects an attempt of more than 10 KB, and one of nothing, as misuse', async () => {
      const { ledger } = await start();
      await expect(ledger.fileAttempt(web, 'a', 'x'.repeat(10 * 1024))).rejects.toThrow(TypeError);
      await expect(ledger.fileAttempt(web, 'a', undefined)).rejects.toThrow(TypeError);
      expect(await ledger.attempts(web)).toEqual(new Map());
    });
  });
}
