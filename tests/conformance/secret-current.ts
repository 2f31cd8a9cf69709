import { describe, expect, it } from 'vitest';
import { anId, currentOf, kept, keptAsCurrent, type StartStore, textOf, web } from './secret-harness.ts';

export function currentPromises(start: StartStore, mostVersions = Number.POSITIVE_INFINITY, isBlind = false): void {
  describe('the current version', () => {
    it('is at most one, and may be the first one by itself', async (context) => {
      const { store } = await start(context);
      const first = await kept(store, web);
      const current = currentOf(await store.find(web));
      expect([undefined, first.id]).toContain(current);
      expect(await textOf(store.reveal(web))).toBe(current === undefined ? undefined : first.key.reveal());
      expect(await store.makeCurrent(web, first.id, current)).toBe(true);
      expect(await textOf(store.reveal(web))).toBe(first.key.reveal());
    });

    it('changes when the one that was current is named correctly', async (context) => {
      const { store, other } = await start(context);
      const [first, second] = [await keptAsCurrent(store, web), await kept(store, web)];
      expect(await other.makeCurrent(web, second.id, first.id)).toBe(true);
      const found = await store.find(web);
      expect(found?.versions.filter(({ current }) => current).map(({ id }) => id)).toEqual([second.id]);
      expect(await textOf(store.reveal(web))).toBe(second.key.reveal());
      expect(await textOf(store.reveal(web, first.id))).toBe(first.key.reveal());
      expect(await other.makeCurrent(web, first.id, second.id)).toBe(true);
      expect(await textOf(store.reveal(web))).toBe(first.key.reveal());
    });

    it('stays when the one that was current is named wrongly', async (context) => {
      const { store } = await start(context);
      const [first, second, third] = [await keptAsCurrent(store, web), await kept(store, web), await kept(store, web)];
      for (const from of [undefined, third.id, anId(), second.id]) {
        expect(await store.makeCurrent(web, second.id, from)).toBe(false);
        expect(currentOf(await store.find(web))).toBe(first.id);
      }
    });

    it('stays when it is made current again, whichever one is named', async (context) => {
      const { store } = await start(context);
      const [first, second] = [await keptAsCurrent(store, web), await kept(store, web)];
      for (const from of [first.id, second.id, undefined]) {
        expect(await store.makeCurrent(web, first.id, from)).toBe(true);
        expect(currentOf(await store.find(web))).toBe(first.id);
      }
    });

    it('is never one that is not stored', async (context) => {
      const { store } = await start(context);
      expect(await store.makeCurrent(web, anId(), undefined)).toBe(false);
      const [first, second] = [await keptAsCurrent(store, web), await kept(store, web)];
      await store.remove(web, second.id);
      expect(await store.makeCurrent(web, second.id, first.id)).toBe(false);
      expect(await store.makeCurrent(web, anId(), first.id)).toBe(false);
      expect(currentOf(await store.find(web))).toBe(first.id);
    });

    it('has one winner when fifty ask to change it at the same time', async (context) => {
      const { store, other } = await start(context);
      const first = await keptAsCurrent(store, web);
      const rivals: string[] = [];
      for (let i = 0; i < Math.min(10, mostVersions - 1); i += 1) rivals.push((await kept(store, web)).id);
      const asked = Array.from({ length: 50 }, (_, i) => rivals[i % rivals.length]!);
      const won = await Promise.all(asked.map((id, i) => (i % 2 ? store : other).makeCurrent(web, id, first.id)));
      const winners = new Set(asked.filter((_, i) => won[i]));
      const current = currentOf(await store.find(web));
      if (isBlind) expect([...winners]).toContain(current);
      else expect([...winners]).toEqual([current]);
    });
  });
}
