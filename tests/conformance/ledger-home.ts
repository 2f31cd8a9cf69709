// The part of the ledger's contract about which table or file it is.
import { describe, expect, it } from 'vitest';
import { active, everyCall, type StartLedger, web } from './ledger-harness.ts';

export function homePromises(start: StartLedger): void {
  describe('the home of a ledger', () => {
    it('is the same for everybody who works with it, whatever is written meanwhile', async () => {
      const { ledger, other, clock } = await start();
      const home = await ledger.home();
      expect(home).not.toBe('');
      for (const call of Object.values(everyCall(other, clock.wallMs()).writes)) await call();
      await ledger.write(active({ ...web, name: 'another' }), 0);
      expect([await ledger.home(), await other.home()]).toEqual([home, home]);
    });

    it('is one, also when many ask for the first time at once', async () => {
      const { ledger, other } = await start();
      const asked = Array.from({ length: 20 }, (_, i) => (i % 2 ? ledger : other).home());
      expect(new Set(await Promise.all(asked)).size).toBe(1);
    });

    it("is not another ledger's", async () => {
      const [one, two] = [await start(), await start()];
      expect(await one.ledger.home()).not.toBe(await two.ledger.home());
    });
  });
}
