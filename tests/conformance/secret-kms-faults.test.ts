import { afterEach, describe, expect, it } from 'vitest';
import { nameOf, PREFIX } from '../../lib/secrets/kms/kms-name.ts';
import type { SecretStore } from '../../lib/secrets/secret-store.ts';
import type { Transport } from '../../lib/transport/wire.ts';
import type { Behaviour } from '../../local/clouds/settings/behaviour.ts';
import { aKey, anId, currentOf, failureOf, idsOf, textOf, web } from './secret-harness.ts';
import { type KmsHarness, kmsOnStandIn } from './secret-kms-harness.ts';
import { cutAfter, type Kept } from './secret-kv-cut.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

interface Scene extends KmsHarness, Readonly<Record<'current' | 'other' | 'fresh', Kept>> {}

/** A secret with a current key and another one. */
async function scene(behaviour: Partial<Behaviour> = {}): Promise<Scene> {
  const harness = await kmsOnStandIn(behaviour);
  cleanUp.push(harness.stop);
  const one = (): Kept => ({ id: anId(), key: aKey() });
  const [current, other, fresh] = [one(), one(), one()];
  for (const { id, key } of [current, other]) await harness.store.put(web, id, key);
  await harness.store.makeCurrent(web, current.id, undefined);
  return { ...harness, current, other, fresh };
}

interface Act {
  readonly act: (store: SecretStore, here: Scene) => Promise<unknown>;
  /** The ids that are stored, and the current one, once it was done to the end. */
  readonly leaves: (here: Scene) => readonly [current: string | undefined, ...others: string[]];
}
const asBefore: Act['leaves'] = ({ current, other }) => [current.id, other.id];
const acts: Readonly<Record<string, Act>> = {
  prepare: { act: (store) => store.prepare(web), leaves: asBefore },
  put: {
    act: (store, { fresh }) => store.put(web, fresh.id, fresh.key, undefined, 'ssh-1'),
    leaves: ({ current, other, fresh }) => [current.id, other.id, fresh.id],
  },
  'put that was prepared': {
    act: async (store, { fresh }) => {
      await store.prepare(web);
      await store.put(web, fresh.id, fresh.key);
    },
    leaves: ({ current, other, fresh }) => [current.id, other.id, fresh.id],
  },
  makeCurrent: {
    act: async (store, { current, other }) => {
      // Whoever comes after a process that died knows from the store which one is current.
      if (!(await store.makeCurrent(web, other.id, current.id))) await store.makeCurrent(web, other.id, other.id);
    },
    leaves: ({ current, other }) => [other.id, current.id],
  },
  markPending: { act: (store, { other }) => store.markPending(web, other.id), leaves: asBefore },
  'removal of the current one': {
    act: (store, { current }) => store.remove(web, current.id),
    leaves: ({ other }) => [undefined, other.id],
  },
  'removal of another one': {
    act: (store, { other }) => store.remove(web, other.id),
    leaves: ({ current }) => [current.id],
  },
  'removal of both': {
    act: async (store, { current, other }) => {
      await store.remove(web, other.id);
      await store.remove(web, current.id);
    },
    leaves: () => [undefined],
  },
  restoreSecret: { act: (store) => store.restoreSecret(web), leaves: asBefore },
};

const readings: readonly Partial<Behaviour>[] = [
  {},
  { 'kms.dropped': 'earliest-without-stage', 'kms.removeFrom': 'ignored', 'kms.putAgain': 'moves-stages' },
  { 'kms.removeFrom': 'checked-even-there', 'kms.secretData': 'query' },
];

describe.each(readings)('a process that dies after any of its requests, in a KMS with %o', (behaviour) => {
  it.each(Object.entries(acts))('leaves what the next one finishes: %s', async (_, { act, leaves }) => {
    for (let last = 1; ; last += 1) {
      const here = await scene(behaviour);
      const { transport } = cutAfter(here.transportOf(), last, 'lost');
      const ended = await act(here.open({ transport }), here).then(
        () => true,
        () => false,
      );
      const next = here.open();
      await act(next, here);
      const [current, ...others] = leaves(here);
      const found = await next.find(web);
      expect(idsOf(found), `after ${last}`).toEqual([...(current ? [current] : []), ...others].sort());
      expect(currentOf(found)).toBe(current);
      for (const { id, key } of [here.current, here.other, here.fresh])
        expect(await textOf(next.reveal(web, id))).toBe(idsOf(found).includes(id) ? key.reveal() : undefined);
      for (const one of [here.current, here.other, here.fresh].filter(({ id }) => idsOf(found).includes(id)))
        await next.put(web, one.id, one.key);
      expect(idsOf(await next.find(web))).toEqual(idsOf(found));
      await here.stop();
      cleanUp.pop();
      if (ended) {
        expect(last).toBeGreaterThan(1);
        break;
      }
    }
  });

  it('loses no key that it was storing once more, which can be made current again where it no longer is', async () => {
    for (let last = 1; ; last += 1) {
      const here = await scene(behaviour);
      const { transport } = cutAfter(here.transportOf(), last, 'lost');
      const until = { wallMs: Number.MAX_SAFE_INTEGER, monotonicMs: Number.MAX_SAFE_INTEGER };
      const ended = await here.open({ transport }).renew!(web, here.current.id, until).then(
        () => true,
        () => false,
      );
      const next = here.open();
      expect(idsOf(await next.find(web))).toEqual([here.current.id, here.other.id].sort());
      expect(await textOf(next.reveal(web, here.current.id))).toBe(here.current.key.reveal());
      await next.renew!(web, here.current.id, until);
      expect(currentOf(await next.find(web)), `after ${last}`).toBe(here.current.id);
      expect(await textOf(next.reveal(web))).toBe(here.current.key.reveal());
      await here.stop();
      cleanUp.pop();
      if (ended) break;
    }
  });
});

describe('the URLs of the requests', () => {
  /** The paths that a store asks for, decoded. */
  function watched(transport: Transport) {
    const urls: string[] = [];
    const watching: Transport = {
      close() {},
      send: (request, call) => {
        urls.push(decodeURIComponent(request.path));
        return transport.send(request, call);
      },
    };
    return { urls, transport: watching };
  }
  async function everything(behaviour: Partial<Behaviour>) {
    const here = await scene(behaviour);
    const { urls, transport } = watched(here.transportOf());
    const store = here.open({ transport });
    const { id, key } = here.fresh;
    await store.prepare(web);
    await store.put(web, id, key);
    await store.put(web, id, key);
    await failureOf(store.put(web, id, aKey()));
    await store.renew!(web, id, { wallMs: Number.MAX_SAFE_INTEGER, monotonicMs: Number.MAX_SAFE_INTEGER });
    await store.reveal(web, id);
    await store.remove(web, id);
    return { here, urls };
  }

  it('hold no key where KMS reads forms', async () => {
    const { urls, here } = await everything({});
    expect(urls.filter((url) => url.includes('VersionId')).length).toBeGreaterThan(3);
    expect(urls.filter((url) => url.includes('PRIVATE KEY') || url.includes('SecretData'))).toEqual([]);
    expect(here.clouds.admin.requests().some(({ code }) => code === 'MissingParameter')).toBe(false);
  });

  it('hold one only after KMS refused the form, and no line of its log does', async () => {
    const { urls, here } = await everything({ 'kms.secretData': 'query' });
    expect(urls.some((url) => url.includes('PRIVATE KEY'))).toBe(true);
    const log = here.clouds.admin.requests();
    const first = log.findIndex(({ action, code }) => action === 'PutSecretValue' && code === '');
    expect(log.slice(0, first).some(({ code }) => code === 'MissingParameter')).toBe(true);
    expect(JSON.stringify(log)).not.toMatch(/PRIVATE|SecretData|No key is stored/);
  });
});

describe('a store in KMS', () => {
  it('sends no key in a URL once KMS has read a form, whatever it refuses', async () => {
    const here = await scene();
    const urls: string[] = [];
    const transport = here.transportOf();
    const watching: Transport = {
      close() {},
      send: (request, call) => {
        urls.push(request.path);
        return transport.send(request, call);
      },
    };
    const store = here.open({ transport: watching });
    await store.prepare({ ...web, name: 'another' }); // its text goes in a form, and is taken
    await store.prepare(web);
    here.clouds.admin.addFault({
      match: { action: 'PutSecretValue' },
      times: 'always',
      fault: { kind: 'refuse', code: 'InvalidParameter' },
    });
    await expect(store.put(web, here.fresh.id, here.fresh.key)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    expect(urls.length).toBeGreaterThan(3);
    expect(urls.filter((url) => url.includes('PRIVATE'))).toEqual([]);
  });

  it('signs nothing after the moment that was given', async () => {
    const past = { wallMs: 0, monotonicMs: Number.NEGATIVE_INFINITY };
    const { store, current, other } = await scene();
    for (const late of [
      () => store.makeCurrent(web, other.id, current.id, past),
      () => store.markPending(web, other.id, past),
    ])
      expect(await failureOf(late())).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none' });
    expect(currentOf(await store.find(web))).toBe(current.id);
  });

  it('says that it has nothing to sign with in the words of the contract, and that nothing was done', async () => {
    const here = await scene();
    const store = here.open({ credentials: () => Promise.reject(new TypeError('no role')) });
    const { id, key } = here.fresh;
    for (const call of [() => store.prepare(web), () => store.put(web, id, key), () => store.find(web)])
      expect(await failureOf(call())).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none' });
  });

  it('lists every secret that stays, although more than a page of others goes between two pages', async () => {
    const here = await scene();
    const named = (i: number) => ({ ...web, name: `many${String(i).padStart(3, '0')}` });
    for (let i = 0; i < 70; i += 1) await here.store.put(named(i), anId(), aKey());
    let page = await here.store.list();
    const seen = new Set(page.secrets.map(({ identity }) => identity.name));
    page = await here.store.list(page.cursor);
    for (const { identity } of page.secrets) seen.add(identity.name);
    const gone = [...seen].slice(0, 30);
    // For good: what is removed by the store is shown until its window is over.
    for (const name of gone)
      await here.calls().send('DeleteSecret', {
        SecretName: nameOf(PREFIX, { ...web, name }),
        ForceDeleteWithoutRecovery: 'true',
      });
    for (let { cursor } = page; cursor !== undefined; ) {
      const next = await here.store.list(cursor);
      for (const { identity } of next.secrets) seen.add(identity.name);
      cursor = next.cursor;
    }
    expect([...seen].filter((name) => name.startsWith('many'))).toHaveLength(70);
  });
});
