import { afterEach, describe, expect, it } from 'vitest';
import { revealToReader } from '../../lib/secrets/kv/kv-reader.ts';
import type { SecretStore } from '../../lib/secrets/secret-store.ts';
import { called, failureOf, textOf, web } from './secret-harness.ts';
import { cutAfter, dying, expectWhole, type Kept, readable, scene } from './secret-kv-cut.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});
const begin = async () => {
  const here = await scene();
  cleanUp.push(here.stop);
  return here;
};
type Scene = Awaited<ReturnType<typeof scene>>;

interface Act {
  readonly act: (store: SecretStore, scene: Scene) => Promise<unknown>;
  /** What it is about, where that is settled afterwards. */
  readonly about: 'fresh' | 'gone' | 'other' | 'current';
  /** What is stored once it was done, and done to the end. */
  readonly leaves: readonly (keyof Scene)[];
}
const put = (name: 'fresh' | 'gone') => (store: SecretStore, here: Scene) =>
  store.put(web, here[name].id, here[name].key);
const acts: Readonly<Record<string, Act>> = {
  put: { act: put('fresh'), about: 'fresh', leaves: ['current', 'other', 'fresh'] },
  'put that was prepared': {
    act: async (store, here) => {
      await store.prepare(web);
      await put('fresh')(store, here);
    },
    about: 'fresh',
    leaves: ['current', 'other', 'fresh'],
  },
  'put that brings back': { act: put('gone'), about: 'gone', leaves: ['current', 'other', 'gone'] },
  'put of what is there': {
    act: (store, { other }) => store.put(web, other.id, other.key),
    about: 'other',
    leaves: ['current', 'other'],
  },
  'removal of the current one': {
    act: (store, { current }) => store.remove(web, current.id),
    about: 'current',
    leaves: ['other'],
  },
  'removal of another one': {
    act: (store, { other }) => store.remove(web, other.id),
    about: 'other',
    leaves: ['current'],
  },
  'removal of what was never put': {
    act: (store, { fresh }) => store.remove(web, fresh.id),
    about: 'fresh',
    leaves: ['current', 'other'],
  },
  'removal of what was removed': {
    act: (store, { gone }) => store.remove(web, gone.id),
    about: 'gone',
    leaves: ['current', 'other'],
  },
  makeCurrent: {
    act: (store, { other, current }) => store.makeCurrent(web, other.id, current.id),
    about: 'other',
    leaves: ['current', 'other'],
  },
  markPending: {
    act: (store, { other }) => store.markPending(web, other.id),
    about: 'other',
    leaves: ['current', 'other'],
  },
};
const names = ['current', 'other', 'gone', 'fresh'] as const;
const allOf = (here: Scene): Kept[] => names.map((name) => here[name]);
const some = (here: Scene, of: readonly (keyof Scene)[]): Kept[] =>
  names.filter((name) => of.includes(name)).map((name) => here[name]);

/** Runs it cut after its first request, its second, ... until it comes to its end. @returns how many there are */
async function afterEachRequest(
  { act }: Act,
  how: 'lost' | 'late',
  then: (here: Scene, deliver: () => Promise<void>) => Promise<void>,
): Promise<number> {
  for (let last = 1; ; last += 1) {
    const here = await begin();
    const cut = cutAfter(here.transport, last, how);
    const ended = await act(dying(here, cut), here).then(
      () => true,
      () => false,
    );
    if (ended && cut.sent() < last) return last - 1;
    await then(here, cut.deliver);
    for (const undo of cleanUp.splice(0)) await undo();
    expect(last).toBeLessThan(40);
  }
}

describe.each(Object.entries(acts))('a %s', (name, act) => {
  const { about, leaves } = act;
  const wasStored = (here: Scene) => some(here, ['current', 'other']);

  it.each(['lost', 'late'] as const)(
    'that ends after any of its requests, the answer to which is %s, leaves what whoever comes next can work with',
    async (how) => {
      const requests = await afterEachRequest(act, how, async (here, deliver) => {
        const steady = wasStored(here).filter((kept) => kept !== here[about] || !name.startsWith('removal'));
        await here.open().find(web);
        const maybe = name.startsWith('removal') || name.startsWith('put') ? [here[about]] : [];
        await expectWhole(here, allOf(here), steady, maybe);
        await deliver();
        await expectWhole(here, allOf(here), steady, maybe);
      });
      expect(requests).toBeGreaterThan(1);
    },
  );

  it.each(['lost', 'late'] as const)('is done by whoever repeats it, though an answer was %s', async (how) => {
    await afterEachRequest(act, how, async (here, deliver) => {
      await act.act(here.open(), here);
      await expectWhole(here, allOf(here), some(here, leaves));
      await deliver();
      await expectWhole(here, allOf(here), some(here, leaves));
      if (name === 'makeCurrent') expect((await here.open().reveal(web))?.reveal()).toBe(here.other.key.reveal());
    });
  });

  it.each(['lost', 'late'] as const)(
    'does nothing any more once it was settled, though an answer was %s',
    async (how) => {
      await afterEachRequest(act, how, async (here, deliver) => {
        const settling = here.open();
        await settling.remove(web, here[about].id);
        const left = wasStored(here).filter((kept) => kept !== here[about]);
        await expectWhole(here, allOf(here), left);
        const before = await settling.find(web);
        await deliver();
        await expectWhole(here, allOf(here), left);
        expect(await settling.find(web)).toEqual(before);
      });
    },
  );

  it.each(['lost', 'late'] as const)(
    'gives way to a put of the same key that was answered, though an answer was %s',
    async (how) => {
      await afterEachRequest(act, how, async (here, deliver) => {
        const { id, key } = here[about];
        await here.open().put(web, id, key);
        const left = [...new Set([...wasStored(here), here[about]])];
        await expectWhole(here, allOf(here), left);
        await deliver();
        await expectWhole(here, allOf(here), left);
      });
    },
  );

  it.each(['lost', 'late'] as const)(
    'takes the reader’s key from nobody who made another one current, though an answer was %s',
    async (how) => {
      await afterEachRequest(act, how, async (here, deliver) => {
        const store = here.open();
        const extra = here.fresh;
        if (about !== 'fresh') await store.put(web, extra.id, extra.key);
        const wanted = about === 'fresh' ? here.other : extra;
        const from = (await store.find(web))?.versions.find(({ current }) => current)?.id;
        expect(await store.makeCurrent(web, wanted.id, from)).toBe(true);
        await deliver();
        expect((await here.open().reveal(web))?.reveal()).toBe(wanted.key.reveal());
        const maybe = [here[about], here.current, here.other, here.fresh];
        await expectWhole(here, allOf(here), [wanted], maybe);
      });
    },
  );
});

describe('a move of the reader’s key to another one', () => {
  it.each(['lost', 'late'] as const)(
    'is undone for good by whoever moves it back, though an answer was %s',
    async (how) => {
      await afterEachRequest(acts.makeCurrent!, how, async (here, deliver) => {
        const { current, other } = here;
        const store = here.open(); // which has not looked: that would mend the copy
        expect(await store.makeCurrent(web, current.id, other.id)).toBe(true);
        await deliver();
        expect(await textOf(revealToReader(here.calls(), 'keyvend', web))).toBe(current.key.reveal());
        expect(await textOf(store.reveal(web))).toBe(current.key.reveal());
        await expectWhole(here, allOf(here), some(here, ['current', 'other']));
      });
    },
  );
});

describe('a removal that was answered', () => {
  it('has taken the key from readers, too, though nobody has looked since', async () => {
    const here = await begin();
    await here.store.remove(web, here.current.id);
    expect(await revealToReader(here.calls(), 'keyvend', web)).toBeUndefined();
    expect(readable(here.engine, here.current.key)).toEqual([]);
  });

  it('ends where somebody puts the same key once more after it has begun', async () => {
    const here = await begin();
    const { standIn, store, other } = here;
    let arrive = (): void => {};
    const until = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    standIn.faults.push({ on: ({ method, path }) => method === 'POST' && path.endsWith(other.id), until });
    const removal = store.remove(web, other.id);
    while (standIn.held() === 0) await new Promise((resolve) => setImmediate(resolve));
    await here.open().put(web, other.id, other.key);
    arrive();
    await removal;
    await expectWhole(here, allOf(here), some(here, ['current', 'other']));
  });
});

describe('a put to a secret that somebody else takes at the same moment', () => {
  it('leaves no key there', async () => {
    const here = await begin();
    const { standIn, store, fresh } = here;
    const identity = called('nobodys');
    let arrive = (): void => {};
    const until = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    standIn.faults.push({ on: ({ method }) => method === 'POST', until });
    const put = failureOf(store.put(identity, fresh.id, fresh.key));
    while (standIn.held() === 0) await new Promise((resolve) => setImmediate(resolve));
    await here.open({ deployment: 'there' }).prepare(identity);
    arrive();
    expect(await put).toMatchObject({ code: 'SECRET_NOT_OURS', effect: 'none' });
    expect(readable(here.engine, fresh.key)).toEqual([]);
  });
});

describe('a put whose process stood still since it had prepared', () => {
  it.each(['fresh', 'gone'] as const)(
    'stores nothing after its attempt was settled, and says so for good (%s)',
    async (which) => {
      const here = await begin();
      const fresh = here[which];
      const frozen = here.open();
      await frozen.prepare(web);
      await here.store.remove(web, fresh.id);
      for (let again = 0; again < 3; again += 1) {
        const failure = await failureOf(frozen.put(web, fresh.id, fresh.key));
        expect(failure).toMatchObject({ code: 'STORE_REFUSED', effect: 'none' });
      }
      await expectWhole(here, allOf(here), some(here, ['current', 'other']));
    },
  );

  it('is another one than a process that has removed the version itself, and puts it once more', async () => {
    const here = await begin();
    const { store, other } = here;
    await store.prepare(web);
    await store.remove(web, other.id);
    await store.put(web, other.id, other.key);
    await expectWhole(here, allOf(here), some(here, ['current', 'other']));
  });
});
