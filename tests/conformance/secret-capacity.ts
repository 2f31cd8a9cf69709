// How many keys of one key pair a store keeps at a time. A rotation goes by what its row in the table of stores says (mostVersions).
import { describe, expect, it } from 'vitest';
import { aKey, anId, currentOf, idsOf, keptAsCurrent, type StartStore, textOf, web } from './secret-harness.ts';

/** Of a store that keeps any number: more than any rotation has at a time. */
const MANY = 25;

/** @param mostVersions as the table of stores has it; undefined for any number */
export function capacityPromises(start: StartStore, mostVersions = MANY): void {
  describe(`as many keys of one key pair as ${mostVersions}`, () => {
    it('are all kept, the current one among them, and one more is kept as well or refused, and none is lost for it', async (context) => {
      const { store, other } = await start(context);
      const first = await keptAsCurrent(store, web);
      const keys = new Map([[first.id, first.key]]);
      const put = async () => {
        const [id, key] = [anId(), aKey()];
        await store.put(web, id, key);
        keys.set(id, key);
      };
      while (keys.size < mostVersions) await put();
      const hasRefused = await put().then(
        () => false,
        ({ code }) => /^STORE_(?:REFUSED|UNAVAILABLE)$/.test(code),
      );
      expect(keys.size).toBe(hasRefused ? mostVersions : mostVersions + 1);
      const secret = await other.find(web);
      expect(idsOf(secret)).toEqual([...keys.keys()].sort());
      expect(currentOf(secret)).toBe(first.id);
      for (const [id, key] of keys) expect(await textOf(other.reveal(web, id))).toBe(key.reveal());
    });
  });
}
