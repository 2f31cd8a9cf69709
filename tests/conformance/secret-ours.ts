import { describe, expect, it } from 'vitest';
import type { SecretStore } from '../../lib/secrets/secret-store.ts';
import { aKey, anId, expectNoKey, failureOf, keptAsCurrent, type StartStore, textOf, web } from './secret-harness.ts';

/** Every call that names a secret, on one that is there already. */
const calls = (store: SecretStore, id: string) => ({
  prepare: () => store.prepare(web),
  put: () => store.put(web, anId(), aKey()),
  'put of the same version': () => store.put(web, id, aKey()),
  find: () => store.find(web),
  makeCurrent: () => store.makeCurrent(web, id, undefined),
  markPending: () => store.markPending(web, id),
  'markPending of none': () => store.markPending(web, undefined),
  remove: () => store.remove(web, id),
  'remove of what is not there': () => store.remove(web, anId()),
  reveal: () => store.reveal(web),
  'reveal of a version': () => store.reveal(web, id),
});

export function oursPromises(start: StartStore): void {
  describe('a secret of another deployment', () => {
    it('is never touched, though it has the same name', async (context) => {
      const { store, stranger } = await start(context);
      const theirs = await keptAsCurrent(stranger, web);
      const before = await stranger.find(web);
      for (const call of Object.values(calls(store, theirs.id))) {
        const failure = await failureOf(call());
        expect(failure).toMatchObject({ name: 'VendingError', code: 'SECRET_NOT_OURS', effect: 'none' });
        expectNoKey(theirs.key, failure);
      }
      expect(await stranger.find(web)).toEqual(before);
      expect(await textOf(stranger.reveal(web))).toBe(theirs.key.reveal());
      expect((await store.list()).secrets).toEqual([]);
    });

    it('is never touched after its owner has removed it and may still want it back', async (context) => {
      const { store, stranger } = await start(context);
      const theirs = await keptAsCurrent(stranger, web);
      await stranger.remove(web, theirs.id);
      for (const call of Object.values(calls(store, theirs.id))) {
        expect(await failureOf(call())).toMatchObject({ code: 'SECRET_NOT_OURS', effect: 'none' });
      }
      expect(await stranger.find(web)).toBeUndefined();
      await stranger.put(web, theirs.id, theirs.key);
      expect(await textOf(stranger.reveal(web, theirs.id))).toBe(theirs.key.reveal());
    });
  });
}
