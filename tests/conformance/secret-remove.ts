import { describe, expect, it } from 'vitest';
import { anId, currentOf, idsOf, kept, keptAsCurrent, type StartStore, textOf, web } from './secret-harness.ts';

export function removePromises(start: StartStore): void {
  describe('removing a version', () => {
    it('leaves the other versions as they are', async (context) => {
      const { store, other } = await start(context);
      const [first, second, third] = [await keptAsCurrent(store, web), await kept(store, web), await kept(store, web)];
      await other.remove(web, second.id);
      const found = await store.find(web);
      expect(idsOf(found)).toEqual([first.id, third.id].sort());
      expect(currentOf(found)).toBe(first.id);
      expect(await store.reveal(web, second.id)).toBeUndefined();
      expect(await textOf(store.reveal(web, third.id))).toBe(third.key.reveal());
    });

    it('removes the one that was current before, as a rotation does', async (context) => {
      const { store } = await start(context);
      const [first, second] = [await keptAsCurrent(store, web), await keptAsCurrent(store, web)];
      await store.remove(web, first.id);
      expect(idsOf(await store.find(web))).toEqual([second.id]);
      expect(await store.reveal(web, first.id)).toBeUndefined();
      expect(await textOf(store.reveal(web))).toBe(second.key.reveal());
    });

    it('leaves nothing to be found when it was the last one', async (context) => {
      const { store } = await start(context);
      const { id } = await keptAsCurrent(store, web);
      await store.remove(web, id);
      expect(await store.find(web)).toBeUndefined();
      expect(await store.reveal(web)).toBeUndefined();
      expect(await store.reveal(web, id)).toBeUndefined();
      expect(await store.makeCurrent(web, id, undefined)).toBe(false);
      expect((await store.list()).secrets).toEqual([]);
    });

    it('neither fails nor changes anything when the version is not there, or not any more', async (context) => {
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

    it('leaves none current when it was the current one, until another is made so', async (context) => {
      const { store } = await start(context);
      const [first, second] = [await keptAsCurrent(store, web), await kept(store, web)];
      await store.remove(web, first.id);
      expect(currentOf(await store.find(web))).toBeUndefined();
      expect(await store.reveal(web)).toBeUndefined();
      expect(await store.makeCurrent(web, second.id, first.id)).toBe(false);
      expect(await store.makeCurrent(web, second.id, undefined)).toBe(true);
      expect(await textOf(store.reveal(web))).toBe(second.key.reveal());
    });

    it('can be undone by putting the same key under the same id', async (context) => {
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

    it('leaves nothing for the next attempt to see, whose version is then the only one', async (context) => {
      const { store } = await start(context);
      const first = await keptAsCurrent(store, web);
      await store.remove(web, first.id);
      const second = await kept(store, web);
      expect(idsOf(await store.find(web))).toEqual([second.id]);
      expect(await store.reveal(web, first.id)).toBeUndefined();
      expect(await store.makeCurrent(web, second.id, currentOf(await store.find(web)))).toBe(true);
      expect(await textOf(store.reveal(web))).toBe(second.key.reveal());
    });

    it('stays as it is when the secret is asked back in which nothing, or something else, is stored', async (context) => {
      const { store } = await start(context);
      await store.restoreSecret(web);
      const first = await keptAsCurrent(store, web);
      await store.remove(web, first.id);
      await store.restoreSecret(web);
      expect(await store.find(web)).toBeUndefined();
      const second = await kept(store, web);
      await store.restoreSecret(web);
      expect(idsOf(await store.find(web))).toEqual([second.id]);
    });

    it('leaves nothing when two processes remove all versions at the same time', async (context) => {
      const { store, other } = await start(context);
      const [first, second] = [await keptAsCurrent(store, web), await kept(store, web)];
      await Promise.all([store.remove(web, first.id), other.remove(web, second.id), other.remove(web, first.id)]);
      expect(await store.find(web)).toBeUndefined();
      expect((await store.list()).secrets).toEqual([]);
    });
  });
}
