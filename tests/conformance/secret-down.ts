import { describe, expect, it } from 'vitest';
import { aKey, anId, expectNoKey, failureOf, keptAsCurrent, type StartStore, web } from './secret-harness.ts';

export function downPromises(start: StartStore): void {
  describe('a store that cannot be asked', () => {
    it('says so in every call, and shows no key', async (context) => {
      const { store, down } = await start(context);
      const { id, key } = await keptAsCurrent(store, web);
      const wanted = aKey();
      await down?.();
      const calls = [
        () => store.put(web, anId(), wanted),
        () => store.find(web),
        () => store.makeCurrent(web, id, undefined),
        () => store.markPending(web, id),
        () => store.remove(web, id),
        () => store.reveal(web),
        () => store.reveal(web, id),
        () => store.list(),
      ];
      for (const call of calls) {
        const failure = await failureOf(call());
        expect(failure).toMatchObject({ name: 'VendingError', code: 'STORE_UNAVAILABLE', effect: 'none' });
        expectNoKey(wanted, failure);
        expectNoKey(key, failure);
      }
    });
  });
}
