// What a store owes to those who ask for tags and a key of their own: looked at by the service's own client.
import { describe, expect, it } from 'vitest';
import type { Identity } from '../../lib/identity.ts';
import type { SecretTags } from '../../lib/secret-traits.ts';
import {
  aKey,
  anId,
  failureOf,
  kept,
  keptAsCurrent,
  type SecretHarness,
  type StartStore,
  textOf,
  web,
} from './secret-harness.ts';

/** A secret as its service shows it to whoever asks. */
export interface Shown {
  readonly tags: SecretTags;
  /** Undefined for none, or the account's own. */
  readonly key: string | undefined;
}

interface WithTraits extends SecretHarness {
  /** @returns undefined where there is none */
  shown(identity: Identity): Promise<Shown | undefined>;
}
export type StartWithTraits = (...given: Parameters<StartStore>) => Promise<WithTraits>;

interface Keys {
  readonly usual: string | undefined;
  readonly one: string;
  readonly another: string;
  readonly unknown: string;
  /** Whether the service can put a secret under another key. */
  readonly change: boolean;
}

const team = { team: 'web', 'cost-center': '4711' };

export function traitPromises(start: StartWithTraits, { usual, one, another, unknown, change }: Keys): void {
  describe('a secret that is to have tags and a key', () => {
    it('has them from its making on, beside the tags that say whose it is', async (context) => {
      const { store, shown, other } = await start(context);
      await store.prepare(web, 0, { secretTags: team, secretKey: one });
      const { key, tags } = (await shown(web))!;
      expect({ key, tags }).toEqual({ key: one, tags: expect.objectContaining({ ...team, keyvend: 'here' }) });
      const version = await kept(store, web);
      expect(await textOf(other.reveal(web, version.id))).toBe(version.key.reveal());
    });

    it('has them as well where nothing was prepared for its key', async (context) => {
      const { store, shown } = await start(context);
      await store.put(web, anId(), aKey(), undefined, undefined, { secretTags: team, secretKey: one });
      expect(await shown(web)).toMatchObject({ tags: team, key: one });
    });

    it('keeps them when it is written to again by who wants nothing of it, with the key that is stored', async (context) => {
      const { store, shown } = await start(context);
      await store.prepare(web, 0, { secretTags: team, secretKey: one });
      const first = await keptAsCurrent(store, web);
      await store.prepare(web);
      await kept(store, web);
      expect(await shown(web)).toMatchObject({ tags: team, key: one });
      expect(await textOf(store.reveal(web))).toBe(first.key.reveal());
    });

    it('gets what is asked for later, and loses no tag that it has', async (context) => {
      const { store, shown } = await start(context);
      await store.prepare(web, 0, { secretTags: { team: 'web', by: 'hand' } });
      const first = await keptAsCurrent(store, web);
      const before = (await shown(web))!.tags;
      const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`t${i}`, 'v']));
      await store.prepare(web, 0, { secretTags: { ...many, team: 'db' } });
      expect((await shown(web))!.tags).toEqual({ ...before, ...many, team: 'db' });
      expect(await textOf(store.reveal(web))).toBe(first.key.reveal());
    });

    it('that was removed is brought back with the tags that are asked for then', async (context) => {
      const { store, shown } = await start(context);
      await store.prepare(web, 0, { secretTags: { team: 'web', old: 'yes' }, secretKey: one });
      await store.remove(web, (await kept(store, web)).id);
      await store.prepare(web, 0, { secretTags: { team: 'db' }, secretKey: one });
      expect(await shown(web)).toMatchObject({ tags: { team: 'db', old: 'yes' }, key: one });
    });

    it('that was removed is under the key that is asked for then, or is refused before there is a key pair', async (context) => {
      const { store, shown } = await start(context);
      await store.prepare(web, 0, { secretKey: one });
      await store.remove(web, (await kept(store, web)).id);
      const again = store.prepare(web, 0, { secretKey: another });
      if (change) await again;
      else expect(await failureOf(again)).toMatchObject({ code: 'STORE_REFUSED', effect: 'none' });
      expect((await shown(web))!.key).toBe(change ? another : one);
      await store.prepare(web);
      await kept(store, web);
      expect((await shown(web))!.key).toBe(change ? usual : one);
    });

    it('is not made under a key that does not exist, and the refusal does not repeat its name', async (context) => {
      const { store, shown } = await start(context);
      const refused = await failureOf(store.prepare(web, 0, { secretTags: team, secretKey: unknown }));
      expect(refused).toMatchObject({ code: 'STORE_REFUSED', effect: 'none' });
      expect(refused.message).not.toContain(unknown);
      expect(await shown(web)).toBeUndefined();
      await store.prepare(web, 0, { secretKey: one });
      expect((await shown(web))!.key).toBe(one);
    });

    it("is left as it is where it is somebody else's", async (context) => {
      const { store, stranger, shown } = await start(context);
      await stranger.prepare(web, 0, { secretTags: { team: 'theirs' }, secretKey: one });
      const before = await shown(web);
      const refused = await failureOf(store.prepare(web, 0, { secretTags: team, secretKey: another }));
      expect(refused).toMatchObject({ code: 'SECRET_NOT_OURS' });
      expect(await shown(web)).toEqual(before);
    });
  });
}
