import { afterEach, describe, expect, it } from 'vitest';
import { VendingError } from '../../lib/errors.ts';
import type { SecretStore } from '../../lib/secrets/secret-store.ts';
import type { Transport } from '../../lib/transport/wire.ts';
import { web } from './secret-harness.ts';
import { expectWhole, type Kept, scene } from './secret-kv-cut.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});
type Scene = Awaited<ReturnType<typeof scene>>;

/** Two processes of which one makes requests at a time: so many, then the other so many, and so on; at the end each comes to its own. */
function inTurns(transport: Transport, turns: readonly number[]) {
  const [over, waiting] = [[false, false], [[], []] as (() => void)[][]];
  const left = [...turns];
  let whose = 0;
  let isBusy = false;
  const next = () => {
    if (isBusy) return;
    while (left.length > 0 && (left[0] === 0 || over[whose])) {
      left.shift();
      whose = 1 - whose;
    }
    if (over[whose]) whose = 1 - whose;
    const go = waiting[whose]!.shift();
    if (go === undefined) return; // it is about to ask, or to end
    if (left.length > 0) left[0]! -= 1;
    isBusy = true;
    go();
  };
  const process = (which: number): Transport => ({
    close() {},
    async send(request, call) {
      await new Promise<void>((resolve) => {
        waiting[which]!.push(resolve);
        next();
      });
      try {
        return await transport.send(request, call);
      } finally {
        isBusy = false;
        setImmediate(next); // it may ask for more before the other one's turn comes
      }
    },
  });
  const end = (which: number) => {
    over[which] = true;
    next();
  };
  return { first: process(0), second: process(1), end };
}

type Act = (store: SecretStore, here: Scene) => Promise<unknown>;
const acts = {
  'put of a new one': (store, { fresh }) => store.put(web, fresh.id, fresh.key),
  'put that was prepared': async (store, { fresh }) => {
    await store.prepare(web);
    await store.put(web, fresh.id, fresh.key);
  },
  'put that brings back': (store, { gone }) => store.put(web, gone.id, gone.key),
  'put of what is there': (store, { other }) => store.put(web, other.id, other.key),
  'removal of the new one': (store, { fresh }) => store.remove(web, fresh.id),
  'removal of what was removed': (store, { gone }) => store.remove(web, gone.id),
  'removal of another one': (store, { other }) => store.remove(web, other.id),
  'removal of the current one': (store, { current }) => store.remove(web, current.id),
  'move to another one': (store, { other, current }) => store.makeCurrent(web, other.id, current.id),
} as const satisfies Readonly<Record<string, Act>>;
type Name = keyof typeof acts;

const pairs: readonly (readonly [Name, Name, keyof Scene])[] = [
  ['put of a new one', 'removal of the new one', 'fresh'],
  ['put that was prepared', 'removal of the new one', 'fresh'],
  ['put that brings back', 'removal of what was removed', 'gone'],
  ['put that brings back', 'put that brings back', 'gone'],
  ['put of what is there', 'removal of another one', 'other'],
  ['move to another one', 'removal of another one', 'other'],
  ['move to another one', 'removal of the current one', 'current'],
  ['removal of another one', 'removal of another one', 'other'],
];
const turnsOf = (most: number): number[][] =>
  Array.from({ length: most ** 3 }, (_, i) => [i % most, Math.floor(i / most) % most, Math.floor(i / most ** 2)]);

describe('two processes at one secret', () => {
  it.each(pairs)(
    'leave it whole, a %s and a %s, whichever request of one comes between two of the other',
    async (one, two, about) => {
      for (const turns of turnsOf(6)) {
        const here = await scene();
        cleanUp.push(here.stop);
        const { first, second, end } = inTurns(here.transport, turns);
        const run = async (which: number, transport: Transport, act: Act) => {
          try {
            await act(here.open({ kv: here.calls({ transport }) }), here);
          } catch (error) {
            // A removal may come first, and then what it is about is not there.
            if (!(error instanceof VendingError) || error.code !== 'STORE_REFUSED') throw error;
          } finally {
            end(which);
          }
        };
        await Promise.all([run(0, first, acts[one]), run(1, second, acts[two])]);
        const all: Kept[] = [here.current, here.other, here.gone, here.fresh];
        const ids = ((await here.open().find(web))?.versions ?? []).map(({ id }) => id);
        const subject = here[about] as Kept;
        const steady = [here.current, here.other].filter((kept) => kept !== subject);
        const left = ids.includes(subject.id) ? [...steady, subject] : steady;
        await expectWhole(here, all, left).catch((error: unknown) => {
          throw new Error(`in turns of ${turns}`, { cause: error });
        });
        expect(here.standIn.held()).toBe(0);
        for (const undo of cleanUp.splice(0)) await undo();
      }
    },
    60_000,
  );
});
