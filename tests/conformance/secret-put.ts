import { describe, expect, it } from 'vitest';
import { Secret } from '../../lib/secret.ts';
import {
  aKey,
  anId,
  currentOf,
  expectNoKey,
  failureOf,
  idsOf,
  kept,
  keptAsCurrent,
  type StartStore,
  textOf,
  web,
} from './secret-harness.ts';

export function putPromises(start: StartStore): void {
  describe('putting a key', () => {
    it('keeps the key as it is, whatever its line ends, and says where', async (context) => {
      const { store, other } = await start(context);
      const pem = aKey().reveal();
      for (const text of [pem, pem.trimEnd(), `${pem}\n`, pem.replaceAll('\n', '\r\n'), ` ${pem}`]) {
        const id = anId();
        const { reference } = await store.put(web, id, new Secret(text));
        expect(await textOf(other.reveal(web, id))).toBe(text);
        expect(await other.find(web)).toMatchObject({ identity: web, reference });
      }
    });

    it('lets the key be found without showing it', async (context) => {
      const { store, other } = await start(context);
      expect(await store.find(web)).toBeUndefined();
      expect(await store.reveal(web)).toBeUndefined();
      const { id, key } = await kept(store, web);
      const found = await other.find(web);
      expect(idsOf(found)).toEqual([id]);
      expect(await other.reveal(web, anId())).toBeUndefined();
      expectNoKey(key, found, await other.reveal(web, id), await other.list());
    });

    it('keeps beside the key which key pair it is of, where that is said', async (context) => {
      const { store, other } = await start(context);
      const [id, another] = [anId(), anId()];
      await store.put(web, id, aKey(), undefined, 'ssh-50qi8jtrq2kxfcve21ra');
      await store.put(web, another, aKey());
      const pairs = new Map((await other.find(web))?.versions.map((version) => [version.id, version.keyPairId]));
      expect([pairs.get(id), pairs.get(another)]).toEqual(['ssh-50qi8jtrq2kxfcve21ra', undefined]);
    });

    it('says that the version is current only when it is', async (context) => {
      const { store, other } = await start(context);
      const ids = [anId(), anId(), anId()];
      for (const id of ids) {
        const { current } = await store.put(web, id, aKey());
        const found = await other.find(web);
        if (current) expect(found?.versions.find((version) => version.current)?.id).toBe(id);
        else expect(current).toBe(false);
      }
      expect((await other.find(web))?.versions.filter(({ id, current }) => current && id !== ids[0])).toEqual([]);
    });

    it('changes nothing when the same key is put again under the same id', async (context) => {
      const { store, other } = await start(context);
      const { id, key } = await kept(store, web);
      const before = await store.find(web);
      const { reference } = await other.put(web, id, key);
      expect(await store.find(web)).toEqual(before);
      expect(reference).toBe(before?.reference);
      expect(await textOf(store.reveal(web, id))).toBe(key.reveal());
    });

    it('keeps one version when many processes put the same one at the same time', async (context) => {
      const { store, other } = await start(context);
      const [id, key] = [anId(), aKey()];
      const puts = Array.from({ length: 8 }, (_, i) => (i % 2 ? store : other).put(web, id, key));
      expect(new Set((await Promise.all(puts)).map(({ reference }) => reference)).size).toBe(1);
      expect(idsOf(await store.find(web))).toEqual([id]);
      expect(await textOf(store.reveal(web, id))).toBe(key.reveal());
    });

    it('refuses another key under the same id, and leaves the first one', async (context) => {
      const { store, other } = await start(context);
      const { id, key } = await kept(store, web);
      const newer = await kept(store, web);
      const wrong = aKey();
      for (const [taken, first] of [[id, key] as const, [newer.id, newer.key] as const]) {
        const failure = await failureOf(other.put(web, taken, wrong));
        expect(failure).toMatchObject({ name: 'VendingError', code: 'VERSION_TAKEN', effect: 'none' });
        expectNoKey(wrong, failure);
        expectNoKey(first, failure);
        expect(await textOf(store.reveal(web, taken))).toBe(first.reveal());
      }
    });

    it('refuses another key under the id of a removed version', async (context) => {
      const { store } = await start(context);
      const { id } = await kept(store, web);
      await kept(store, web);
      await store.remove(web, id);
      expect(await failureOf(store.put(web, id, aKey()))).toMatchObject({ code: 'VERSION_TAKEN' });
      expect(idsOf(await store.find(web))).not.toContain(id);
    });

    it('keeps the keys of one identity apart from those of another', async (context) => {
      const { store } = await start(context);
      const like = [web, { ...web, provider: 'cvm' }, { ...web, account: 'web' }, { ...web, name: 'WEB' }] as const;
      const alike = [...like, { ...web, name: 'web:1' }, { ...web, name: 'web_1' }, { ...web, name: 'web-abc123' }];
      const made = await Promise.all(alike.map(async (identity) => ({ identity, ...(await kept(store, identity)) })));
      for (const { identity, id, key } of made) {
        expect(idsOf(await store.find(identity))).toEqual([id]);
        expect(await textOf(store.reveal(identity, id))).toBe(key.reveal());
      }
    });

    it('never takes the reader’s label from another version', async (context) => {
      const { store, other } = await start(context);
      const first = await keptAsCurrent(store, web);
      const second = await kept(other, web);
      await other.put(web, second.id, second.key);
      const found = await store.find(web);
      expect(idsOf(found)).toEqual([first.id, second.id].sort());
      expect(currentOf(found)).toBe(first.id);
      expect(await textOf(store.reveal(web))).toBe(first.key.reveal());
    });
  });
}
