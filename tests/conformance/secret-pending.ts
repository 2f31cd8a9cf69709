import { describe, expect, it } from 'vitest';
import type { StoredSecret } from '../../lib/secrets/secret-store.ts';
import {
  anId,
  currentOf,
  failureOf,
  idsOf,
  kept,
  keptAsCurrent,
  type StartStore,
  textOf,
  web,
} from './secret-harness.ts';

const pendingOf = (secret: StoredSecret | undefined): string[] =>
  (secret?.versions ?? []).filter(({ pending }) => pending).map(({ id }) => id);

export function pendingPromises(start: StartStore): void {
  describe('the pending version', () => {
    it('is none at first, then the one that was marked, and no other', async (context) => {
      const { store, other } = await start(context);
      const [first, second, third] = [await keptAsCurrent(store, web), await kept(store, web), await kept(store, web)];
      expect(pendingOf(await store.find(web))).toEqual([]);
      for (const { id } of [second, third, third, first, second]) {
        await store.markPending(web, id);
        expect(pendingOf(await other.find(web))).toEqual([id]);
      }
      expect(pendingOf((await other.list()).secrets[0])).toEqual([second.id]);
    });

    it('changes nothing for readers, not even when its mark is taken off', async (context) => {
      const { store, other } = await start(context);
      const [first, second] = [await keptAsCurrent(store, web), await kept(store, web)];
      for (const pending of [second.id, undefined, undefined, first.id, undefined]) {
        await store.markPending(web, pending);
        const found = await other.find(web);
        expect(pendingOf(found)).toEqual(pending === undefined ? [] : [pending]);
        expect(currentOf(found)).toBe(first.id);
        expect(idsOf(found)).toEqual([first.id, second.id].sort());
        expect(await textOf(other.reveal(web))).toBe(first.key.reveal());
        expect(await textOf(other.reveal(web, second.id))).toBe(second.key.reveal());
      }
    });

    it('can be made current, and keeps its mark until that is taken off', async (context) => {
      const { store } = await start(context);
      const [first, second] = [await keptAsCurrent(store, web), await kept(store, web)];
      await store.markPending(web, second.id);
      expect(await store.makeCurrent(web, second.id, first.id)).toBe(true);
      expect(pendingOf(await store.find(web))).toEqual([second.id]);
      await store.markPending(web, undefined);
      expect(pendingOf(await store.find(web))).toEqual([]);
      expect(await textOf(store.reveal(web))).toBe(second.key.reveal());
    });

    it('is never one that is not stored; the one that was marked stays', async (context) => {
      const { store } = await start(context);
      const notKept = { name: 'VendingError', code: 'STORE_UNAVAILABLE', effect: 'none' };
      expect(await failureOf(store.markPending(web, anId()))).toMatchObject(notKept);
      await store.markPending(web, undefined);
      const [, second, third] = [await keptAsCurrent(store, web), await kept(store, web), await kept(store, web)];
      await store.markPending(web, second.id);
      await store.remove(web, third.id);
      for (const id of [anId(), third.id]) {
        expect(await failureOf(store.markPending(web, id))).toMatchObject(notKept);
        expect(pendingOf(await store.find(web))).toEqual([second.id]);
      }
    });

    it('loses its mark when it is removed, and does not get the mark back with the key', async (context) => {
      const { store, other } = await start(context);
      const [first, second] = [await keptAsCurrent(store, web), await kept(store, web)];
      await store.markPending(web, second.id);
      await other.remove(web, second.id);
      expect(pendingOf(await store.find(web))).toEqual([]);
      await store.put(web, second.id, second.key);
      expect(idsOf(await store.find(web))).toEqual([first.id, second.id].sort());
      expect(pendingOf(await store.find(web))).toEqual([]);
      await store.markPending(web, second.id);
      expect(pendingOf(await store.find(web))).toEqual([second.id]);
    });
  });
}
