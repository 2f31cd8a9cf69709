// The part of the ledger's contract about listings: every filter and page size, one order, cursors that are not ours.
import { describe, expect, it } from 'vitest';
import { type Identity, identityKey } from '../../lib/identity.ts';
import type { Listing } from '../../lib/ledger/ledger.ts';
import {
  active,
  called,
  namesOf,
  numbers,
  type StartLedger,
  type TestLedger,
  type TestRecord,
} from './ledger-harness.ts';

type Filter = Omit<Listing, 'limit' | 'cursor'>;
const identities: readonly Identity[] = [
  // In the order of a listing: region before account, and by character, not by word.
  { provider: 'cvm', account: 'a', region: 'ap-tokyo', name: 'x' },
  { provider: 'cvm', account: 'b', region: 'ap-tokyo', name: 'x' },
  { provider: 'cvm', account: 'a', region: 'eu', name: 'x' },
  { provider: 'ecs', account: 'default', region: 'ap-tokyo', name: 'w:1' },
  { provider: 'ecs', account: 'default', region: 'cn-hangzhou-2', name: 'w' },
  { provider: 'ecs', account: 'default-2', region: 'cn-hangzhou', name: 'w' },
  { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'W' },
  { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'w' },
  { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'w-1' },
  { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'w_1' },
  { provider: 'ens', account: 'default', region: 'global', name: 'a' },
  { provider: 'ens', account: 'default', region: 'global', name: 'b' },
];
const all = identities.map((identity, i) => ({ identity, state: i % 3 === 0 ? 'conflict' : 'active', note: i }));
const filters: Filter[] = [undefined, 'cvm', 'ecs', 'ens'].flatMap((provider) =>
  [undefined, 'ap-tokyo', 'cn-hangzhou', 'global', 'cn'].flatMap((region) =>
    [undefined, 'active', 'conflict', 'act'].map(
      (state) => ({ ...(provider && { provider }), ...(region && { region }), ...(state && { state }) }) as Filter,
    ),
  ),
);

async function everyPage(ledger: TestLedger, filter: Filter, limit: number): Promise<TestRecord[][]> {
  const pages: TestRecord[][] = [];
  let cursor: string | undefined;
  do {
    const page = await ledger.list({ ...filter, limit, ...(cursor === undefined ? {} : { cursor }) });
    pages.push([...page.records]);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return pages;
}

const refused = { name: 'VendingError', code: 'INVALID_REQUEST', effect: 'none' };

export function listPromises(start: StartLedger): void {
  const filled = async () => {
    const started = await start();
    for (const record of [...all].reverse()) await started.ledger.write(record, 0);
    return started;
  };

  describe('listing within stretches', () => {
    const listedAs = ({ provider, region, account, name }: Identity) => [provider, region, account, name].join('/');

    it('shows what lies between their ends, whatever the filter and the size of a page', async () => {
      const { ledger } = await filled();
      const within = [
        { after: 'cvm/ap-tokyo/a/x~', before: 'cvm/eu/a/w' },
        { after: 'ecs/cn-hangzhou/default/', before: 'ecs/cn-hangzhou/default/w ' },
        { after: 'ecs/cn-hangzhou/default/w,', before: 'ecs/cn-hangzhou/default/w.' },
        { after: 'ens/', before: 'ens0' },
      ];
      const inside = ({ identity }: TestRecord) =>
        within.some(({ after, before }) => listedAs(identity) > after && listedAs(identity) < before);
      for (const filter of filters) {
        const everything = (await everyPage(ledger, filter, 100)).flat();
        for (const limit of [1, 2, 100])
          expect((await everyPage(ledger, { ...filter, within }, limit)).flat()).toEqual(everything.filter(inside));
      }
      expect((await everyPage(ledger, { within }, 100)).flat().length).toBe(6);
      expect((await everyPage(ledger, { within: [] }, 100)).flat()).toEqual([]);
    });
  });

  describe('listing records', () => {
    it('gives the records of every filter in one order, in pages of every size', async () => {
      const { ledger } = await filled();
      for (const filter of filters) {
        const expected = all.filter(
          ({ identity: { provider, region }, state }) =>
            (filter.provider ?? provider) === provider &&
            (filter.region ?? region) === region &&
            (filter.state ?? state) === state,
        );
        for (const limit of [1, 2, 5, 100]) {
          const pages = await everyPage(ledger, filter, limit);
          expect(pages.flat(), JSON.stringify({ filter, limit })).toEqual(expected);
          expect(pages.length).toBe(Math.max(1, Math.ceil(expected.length / limit)));
        }
      }
    });

    it('leaves out what belongs to another record, where only the others are asked for', async () => {
      const { ledger } = await start();
      const filed = all.map((record, i) => (i % 4 === 1 ? { ...record, aside: true } : record));
      for (const record of filed) await ledger.write(record, 0);
      for (const filter of [{}, { provider: 'ecs' }, { state: 'active' }] as const) {
        const whole = (await everyPage(ledger, filter, 100)).flat();
        for (const limit of [1, 2, 100]) {
          const own = await everyPage(ledger, { ...filter, own: true }, limit);
          expect(own.flat()).toEqual(whole.filter(({ aside }) => aside !== true));
          expect(own.every((page, i) => i === own.length - 1 || page.length === limit)).toBe(true);
          expect((await everyPage(ledger, filter, limit)).flat()).toEqual(whole);
        }
      }
      expect((await everyPage(ledger, {}, 5)).flat()).toEqual(filed);
    });

    it('finds a record under its new state only', async () => {
      const { ledger, other } = await filled();
      await other.write({ ...all[0]!, state: 'active' }, 1);
      expect((await ledger.list({ provider: 'cvm', state: 'conflict', limit: 9 })).records).toEqual([]);
      expect((await ledger.list({ provider: 'cvm', state: 'active', limit: 9 })).records).toHaveLength(3);
    });

    it('shows nothing twice and misses nothing that was there, whatever is written between the pages', async () => {
      const { ledger, other } = await start();
      const first = numbers(20).map((i) => called(`n${String(i * 5).padStart(3, '0')}`));
      for (const identity of first) await ledger.write(active(identity), 0);
      const seen: string[] = [];
      let cursor: string | undefined;
      let added = 0;
      do {
        const page = await ledger.list({ provider: 'ecs', limit: 3, ...(cursor && { cursor }) });
        seen.push(...namesOf(page.records.map(({ identity }) => identity)));
        cursor = page.cursor;
        for (const name of [`n${String(added).padStart(3, '0')}x`, `n${String(95 - added).padStart(3, '0')}x`]) {
          await other.write(active(called(name)), 0);
        }
        added += 7;
      } while (cursor !== undefined);
      expect(new Set(seen).size).toBe(seen.length);
      expect([...seen].sort()).toEqual(seen);
      expect(seen).toEqual(expect.arrayContaining(namesOf(first)));
    });

    it('shows fewer at a time where records are long, and all of them, in order', async () => {
      const { ledger } = await start();
      const long = numbers(9).map((i) => active(called(`n${i}`), { note: `${i}`.repeat(1_500_000) }));
      for (const record of long) await ledger.write(record, 0);
      const pages = await everyPage(ledger, { provider: 'ecs' }, 100);
      expect(pages.map((page) => page.length)).toEqual([3, 3, 3]);
      expect(namesOf(pages.flat().map(({ identity }) => identity))).toEqual(numbers(9).map((i) => `n${i}`));
    });

    it('goes on with another page size, and in another ledger on the same data', async () => {
      const { ledger, other } = await filled();
      const { cursor } = await ledger.list({ limit: 2 });
      expect((await other.list({ limit: 100, cursor: cursor! })).records).toEqual(all.slice(2));
    });

    it('finds nothing for a region with a slash in it', async () => {
      const { ledger } = await filled();
      expect(await ledger.list({ region: 'cn-hangzhou/default', limit: 9 })).toEqual({ records: [] });
    });

    it.for([0, 101, 1.5, Number.NaN, -1])('rejects a limit of %d as misuse', async (limit) => {
      const { ledger } = await start();
      await expect(ledger.list({ limit })).rejects.toThrow(TypeError);
    });
  });

  describe('the cursor of a listing', () => {
    it('is refused for any filter but the one it was given for', async () => {
      const { ledger } = await filled();
      const cursor = (await ledger.list({ provider: 'ecs', limit: 2 })).cursor!;
      for (const filter of [{}, { provider: 'cvm' }, { provider: 'ecs', state: 'active' }, { region: 'ap-tokyo' }]) {
        await expect(ledger.list({ ...(filter as Filter), limit: 2, cursor })).rejects.toMatchObject(refused);
      }
    });

    it('is refused when it was changed in any way', async () => {
      const { ledger } = await filled();
      const cursor = (await ledger.list({ limit: 2 })).cursor!;
      const bent = [
        '',
        ' ',
        'null',
        '{}',
        '🗝️',
        '\u0000',
        'A'.repeat(5_000),
        cursor.slice(1),
        cursor.slice(0, -1),
        `${cursor}A`,
        `${cursor}=`,
        `${cursor} `,
        cursor.toLowerCase(),
        Buffer.from(identityKey(identities[3]!)).toString('base64url'),
        ...numbers(cursor.length).map(
          (i) => `${cursor.slice(0, i)}${cursor[i] === 'A' ? 'B' : 'A'}${cursor.slice(i + 1)}`,
        ),
      ];
      for (const wrong of bent) {
        const failure = await ledger.list({ limit: 2, cursor: wrong }).catch((error: unknown) => error);
        expect(failure, wrong).toMatchObject(refused);
        if (wrong.trim().length > 2) expect(String(failure)).not.toContain(wrong);
      }
    });
  });
}
