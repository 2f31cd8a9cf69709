import { describe, expect, it } from 'vitest';
import { identityKey } from '../../lib/identity.ts';
import { ownerOf, ownSecretOf } from '../../lib/vending/own-secret.ts';
import {
  called,
  currentOf,
  failureOf,
  idsOf,
  kept,
  type SecretHarness,
  type StartStore,
  textOf,
  web,
} from './secret-harness.ts';

async function everyPage({ store }: Pick<SecretHarness, 'store'>) {
  const pages = [await store.list()];
  for (let cursor = pages[0]!.cursor; cursor !== undefined; cursor = pages.at(-1)!.cursor) {
    pages.push(await store.list(cursor));
  }
  return pages;
}

export function listPromises(start: StartStore): void {
  describe('listing secrets', () => {
    it('lists nothing where there is nothing', async (context) => {
      const { store } = await start(context);
      expect(await store.list()).toEqual({ secrets: [] });
    });

    it('lists every secret once, page by page, as find shows it', async (context) => {
      const { store, other, stranger } = await start(context);
      const names = Array.from({ length: 120 }, (_, i) => `bulk_${i}`);
      const waves = Array.from({ length: 12 }, (_, i) => names.slice(i * 10, i * 10 + 10));
      for (const wave of waves) await Promise.all(wave.map((name) => kept(store, called(name))));
      await kept(stranger, called('theirs'));
      const gone = await kept(store, called('gone'));
      await store.remove(called('gone'), gone.id);
      const pages = await everyPage({ store: other });
      const listed = pages.flatMap(({ secrets }) => secrets);
      expect(pages.length).toBeGreaterThan(1);
      expect(listed.map(({ identity }) => identity.name).sort()).toEqual([...names].sort());
      expect(listed.find(({ identity }) => identity.name === 'bulk_7')).toEqual(await store.find(called('bulk_7')));
      const again = (await everyPage({ store })).flatMap(({ secrets }) => secrets);
      expect(again.map(({ identity }) => identityKey(identity))).toEqual(
        listed.map(({ identity }) => identityKey(identity)),
      );
    });

    it('keeps a key in a secret of its own apart from the secret that it was in, and tells the two by their names', async (context) => {
      const { store } = await start(context);
      const longest = called('a:-'.repeat(42).concat('zz'), { account: 'a'.repeat(32), region: 'ap-southeast-1' });
      for (const place of [called('web:prod-abcdef'), longest]) {
        const [{ id, key }, other] = [await kept(store, place), await kept(store, place)];
        const own = ownSecretOf(place, id);
        await store.put(own, id, key, undefined, 'ssh-1');
        await store.remove(place, id);
        expect(idsOf(await store.find(place))).toEqual([other.id]);
        expect(await store.find(own)).toMatchObject({ identity: own, versions: [{ id, keyPairId: 'ssh-1' }] });
        expect(await textOf(store.reveal(own, id))).toBe(key.reveal());
        expect(await store.reveal(place, id)).toBeUndefined();
        const listed = (await everyPage({ store })).flatMap(({ secrets }) => secrets.map(({ identity }) => identity));
        expect(listed.map(identityKey)).toEqual(expect.arrayContaining([place, own].map(identityKey)));
        expect(ownerOf(listed.find(({ name }) => name === own.name)!)).toEqual({ owner: place, versionId: id });
        await store.remove(own, id);
        expect(await store.find(own)).toBeUndefined();
      }
    });

    it('says which versions are stored, and which one is current', async (context) => {
      const { store } = await start(context);
      const [first, second, third] = [await kept(store, web), await kept(store, web), await kept(store, web)];
      await store.makeCurrent(web, second.id, currentOf(await store.find(web)));
      await store.remove(web, third.id);
      const [secret, ...more] = (await store.list()).secrets;
      expect(more).toEqual([]);
      expect(idsOf(secret)).toEqual([first.id, second.id].sort());
      expect(currentOf(secret)).toBe(second.id);
    });
  });
}

/** For the stores that can tell. */
export function cursorPromises(start: StartStore): void {
  it('refuses a cursor that it never gave', async (context) => {
    const { store } = await start(context);
    for (const cursor of ['x', '!', '', 'a'.repeat(2_000)]) {
      expect(await failureOf(store.list(cursor))).toMatchObject({ code: 'INVALID_REQUEST' });
    }
  });
}
