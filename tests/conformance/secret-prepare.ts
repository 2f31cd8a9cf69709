import { describe, expect, it } from 'vitest';
import { aKey, anId, currentOf, idsOf, kept, keptAsCurrent, type StartStore, textOf, web } from './secret-harness.ts';

export function preparePromises(start: StartStore): void {
  describe('preparing for a key', () => {
    it('stores nothing by itself', async (context) => {
      const { store, other } = await start(context);
      await store.prepare(web);
      await store.prepare(web);
      expect(await other.find(web)).toBeUndefined();
      expect(await other.reveal(web)).toBeUndefined();
      const listed = (await other.list()).secrets.flatMap(({ versions }) => versions);
      expect(listed).toEqual([]);
    });

    it('lets the key be put like any other, whoever prepared for it', async (context) => {
      const { store, other } = await start(context);
      await store.prepare(web);
      await other.prepare(web);
      const [mine, theirs] = [
        { id: anId(), key: aKey() },
        { id: anId(), key: aKey() },
      ];
      await store.put(web, mine.id, mine.key);
      await other.put(web, theirs.id, theirs.key);
      expect(idsOf(await store.find(web)).sort()).toEqual([mine.id, theirs.id].sort());
      expect(await textOf(other.reveal(web, mine.id))).toBe(mine.key.reveal());
    });

    it('does not change which version is current', async (context) => {
      const { store } = await start(context);
      const first = await keptAsCurrent(store, web);
      await store.prepare(web);
      const second = await kept(store, web);
      expect(currentOf(await store.find(web))).toBe(first.id);
      expect(idsOf(await store.find(web)).sort()).toEqual([first.id, second.id].sort());
    });

    it('works where an earlier key was removed, and where what was prepared was given up', async (context) => {
      const { store } = await start(context);
      const first = await kept(store, web);
      await store.remove(web, first.id);
      await store.prepare(web);
      await store.remove(web, anId()); // the attempt came to nothing
      await store.prepare(web);
      const second = await kept(store, web);
      expect(idsOf(await store.find(web))).toEqual([second.id]);
    });

    it('does not hide that a put is repeated, or that its id is taken', async (context) => {
      const { store } = await start(context);
      const { id, key } = await kept(store, web);
      await store.prepare(web);
      await store.put(web, id, key);
      await store.prepare(web);
      await expect(store.put(web, id, aKey())).rejects.toMatchObject({ code: 'VERSION_TAKEN' });
      expect(await textOf(store.reveal(web, id))).toBe(key.reveal());
    });
  });
}
