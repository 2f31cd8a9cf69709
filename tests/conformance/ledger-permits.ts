// The part of the ledger's contract that keeps to a rate limit: never more permits are acquired than there are.
import { describe, expect, it } from 'vitest';
import { numbers, type StartLedger } from './ledger-harness.ts';

export function permitPromises(start: StartLedger): void {
  describe('claiming a place', () => {
    it.for([1, 7, 60])(
      'gives one of %d places to as many of 100 who want one at once, and to nobody else',
      async (most) => {
        const { ledger, other } = await start();
        const asking = numbers(100).map((i) => (i % 2 ? ledger : other).claim('access/team', `holder ${i}`, most));
        const got = await Promise.all(asking);
        expect(got.filter(Boolean)).toHaveLength(most);
        const again = await Promise.all(numbers(100).map((i) => other.claim('access/team', `holder ${i}`, most)));
        expect(again).toEqual(got);
      },
    );

    it('can be asked for beforehand, which takes nothing', async () => {
      const { ledger, other } = await start();
      expect(await ledger.claimable('group', 'a', 1)).toBe(true);
      expect(await ledger.claimable('group', 'b', 0)).toBe(false);
      await ledger.claim('group', 'a', 1);
      expect(await Promise.all(['a', 'b'].map((holder) => other.claimable('group', holder, 1)))).toEqual([true, false]);
    });

    it('lasts until it is given back, which may be done twice', async () => {
      const { ledger, other } = await start();
      expect(await ledger.claim('group', 'a', 1)).toBe(true);
      expect(await other.claim('group', 'b', 1)).toBe(false);
      expect(await other.claim('another group', 'b', 1)).toBe(true);
      await other.unclaim('group', 'a');
      await ledger.unclaim('group', 'a');
      await ledger.unclaim('group that is not there', 'a');
      expect(await ledger.claim('group', 'b', 1)).toBe(true);
      expect(await ledger.claim('group', 'a', 1)).toBe(false);
    });

    it('is kept by who has one, also when there are fewer by now', async () => {
      const { ledger } = await start();
      for (const holder of ['a', 'b', 'c']) expect(await ledger.claim('group', holder, 3)).toBe(true);
      expect(await ledger.claim('group', 'a', 1)).toBe(true);
      expect(await ledger.claim('group', 'd', 3)).toBe(false);
      expect(await ledger.claim('empty', 'a', 0)).toBe(false);
    });
  });

  describe('acquiring permits', () => {
    it.for([1, 7, 60])('gives a permit to exactly %d of 100 workers who want one at once', async (permits) => {
      const { ledger, other, clock } = await start();
      const until = clock.wallMs() + 60_000;
      const taking = numbers(100).map((i) => (i % 2 ? ledger : other).tryAcquire('cvm/default/1', permits, until));
      expect((await Promise.all(taking)).filter(Boolean)).toHaveLength(permits);
      expect(await other.tryAcquire('cvm/default/1', permits, until)).toBe(false);
    });

    it('counts the permits of each window by itself', async () => {
      const { ledger, clock } = await start();
      const until = clock.wallMs() + 60_000;
      expect(await ledger.tryAcquire('cvm/default/1', 1, until)).toBe(true);
      expect(await ledger.tryAcquire('cvm/default/1', 1, until)).toBe(false);
      for (const window of ['cvm/default/2', 'ecs/default/1', 'cvm/other/1']) {
        expect(await ledger.tryAcquire(window, 1, until)).toBe(true);
      }
    });

    it('goes by the number of permits that it is called with', async () => {
      const { ledger, clock } = await start();
      const take = (permits: number) => ledger.tryAcquire('cvm/default/1', permits, clock.wallMs() + 60_000);
      expect([await take(0), await take(2), await take(1), await take(2), await take(2)]).toEqual([
        false,
        true,
        false,
        true,
        false,
      ]);
      expect(await take(3)).toBe(true);
    });
  });
}
