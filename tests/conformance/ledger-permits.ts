// The part of the ledger's contract that keeps to a rate limit: never more permits are acquired than there are.
import { describe, expect, it } from 'vitest';
import { numbers, type StartLedger } from './ledger-harness.ts';

export function permitPromises(start: StartLedger): void {
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
