import { describe, expect, it } from 'vitest';
import { anId, currentOf, idsOf, kept, keptAsCurrent, type StartStore, textOf, web } from './secret-harness.ts';

export function removePromises(start: StartStore): void {
  describe('removes', () => {
    it('one version and leaves the others', async (context) => {
      const { store, other } = await start(context);
      const [first, second, third] = [await keptAsCurrent(store, web), await kept(store, web), await kept(store, web)];
      await other.remove(web, second.id);
      const found = await store.find(web);
      expect(idsOf(found)).toEqual([first.id, third.id].sort());
      expect(currentOf(found)).toBe(first.id);
      expect(await store.reveal(web, second.id)).toBeUndefined();
      expect(await textOf(store.reveal(web, third.id))).toBe(third.key.reveal());
    });

    it('the one that was current before, as a rotation does', async (context) => {
      const { store } = await start(context);
      const [first, second] = [await keptAsCurrent(store, web), await keptAsCurrent(store, web)];
      await store.remove(web, first.id);
      expect(idsOf(await store.find(web))).toEqual([second.id]);
      expect(await store.reveal(web, first.id)).toBeUndefined();
      expect(await textOf(store.reveal(web))).toBe(second.key.reveal());
    });

    it('the last version, and then nothing is found', async (context) => {
      const { store } = await start(context);
      const { id } = await keptAsCurrent(store, web);
      await store.remove(web, id);
      expect(await store.find(web)).toBeUndefined();
      expect(await store.reveal(web)).toBeUndefined();
      expect(await store.reveal(web, id)).toBeUndefined();
      expect(await store.makeCurrent(web, id, undefined)).toBe(false);
      expect((await store.list()).secrets).toEqual([]);
    });

    it('what is not there, or not any more, without complaint or change', async (context) => {
      const { store } = await start(context);
      await store.remove(web, anId());
      expect(await store.find(web)).toBeUndefined();
      const [first, second] = [await keptAsCurrent(store, web), await kept(store, web)];
      await store.remove(web, anId());
      await store.remove(web, second.id);
      await store.remove(web, second.id);
      expect(idsOf(await store.find(web))).toEqual([first.id]);
      await store.remove(web, first.id);
      await store.remove(web, first.id);
      expect(await store.find(web)).toBeUndefined();
    });

    it('the current one among others: none is current until one is made so', async (context) => {
      const { store } = await start(context);
      const [first, second] = [await keptAsCurrent(store, web), await kept(store, web)];
      await store.remove(web, first.id);
      expect(currentOf(await store.find(web))).toBeUndefined();
      expect(await store.reveal(web)).toBeUndefined();
      expect(await store.makeCurrent(web, second.id, first.id)).toBe(false);
      expect(await store.makeCurrent(web, second.id, undefined)).toBe(true);
      expect(await textOf(store.reveal(web))).toBe(second.key.reveal());
    });

    it('recoverably: the same key under the same id brings it back', async (context) => {
      const { store, other } = await start(context);
      const first = await keptAsCurrent(store, web);
      await store.remove(web, first.id);
      await other.put(web, first.id, first.key);
      expect(idsOf(await store.find(web))).toEqual([first.id]);
      expect(await textOf(store.reveal(web, first.id))).toBe(first.key.reveal());
      const second = await kept(store, web);
      await store.remove(web, first.id);
      await store.put(web, first.id, first.key);
      expect(idsOf(await store.find(web))).toEqual([first.id, second.id].sort());
    });

    it('for good as far as the next attempt sees: its version is kept alone', async (context) => {
      const { store } = await start(context);
      const first = await keptAsCurrent(store, web);
      await store.remove(web, first.id);
      const second = await kept(store, web);
      expect(idsOf(await store.find(web))).toEqual([second.id]);
      expect(await store.reveal(web, first.id)).toBeUndefined();
      expect(await store.makeCurrent(web, second.id, currentOf(await store.find(web)))).toBe(true);
      expect(await textOf(store.reveal(web))).toBe(second.key.reveal());
    });

    it('all of them, when two processes remove one each at the same time', async (context) => {
      const { store, other } = await start(context);
      const [first, second] = [await keptAsCurrent(store, web), await kept(store, web)];
      await Promise.all([store.remove(web, first.id), other.remove(web, second.id), other.remove(web, first.id)]);
      expect(await store.find(web)).toBeUndefined();
      expect((await store.list()).secrets).toEqual([]);
    });
  });
}
