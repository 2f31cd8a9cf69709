// What every inbox owes to those who file messages and to those who work on them. Run by each inbox against the real thing; several on
// the same data stand for several processes.
import { describe, expect, it } from 'vitest';
import { queueSender, type TokenHolder } from '../../lib/access/principal.ts';
import { DAY_MS } from '../../lib/clock.ts';
import type { Claimed, FiledMessage, Filing, Inbox } from '../../lib/inbox/inbox.ts';

export interface InboxHarness {
  readonly inbox: Inbox;
  /** Another one on the same data. */
  open(): Promise<Inbox>;
  /** Lets time pass for all of them. */
  advance(ms: number): Promise<void>;
  readonly nowMs: () => number;
}
/** Gives an empty inbox. */
export type StartInbox = () => Promise<InboxHarness>;

export const Q = 'keyvend-ecs';
export const MINUTE_MS = 60_000;
export const sender: TokenHolder = {
  kind: 'token',
  id: 'issuer local, subject ci',
  issuer: 'local',
  claims: { sub: 'ci', odd: '\u0000' },
};
export const message = (id: string, over: Partial<Filing> = {}): Filing => ({
  id,
  body: `body of ${id}`,
  sender,
  ...over,
});
export const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
export const idsOf = (messages: readonly { readonly id: string }[]): string[] => messages.map(({ id }) => id);
const refusal = {
  code: 'INVALID_REQUEST',
  reason: 'No. Correct it.',
  fields: [{ pointer: '#/name', detail: 'is missing' }],
};

export function inboxContract(start: StartInbox): void {
  filing(start);
  claiming(start);
  ending(start);
  grouping(start);
  looking(start);
  together(start);
}

function filing(start: StartInbox): void {
  describe('a message', () => {
    it('is handed out as it was filed, whatever characters it holds', async () => {
      const { inbox } = await start();
      const odd = `\u0000"'\\ \u{1F511} é\r\n`;
      const filed = message(odd, { body: `${odd}{"a":"\u0000"}`, group: odd });
      expect(await inbox.file(Q, filed)).toBe(true);
      const [claimed] = await inbox.claim(Q, 1, MINUTE_MS);
      expect(claimed).toMatchObject({ ...filed, queue: Q, tries: 1 });
      expect(await inbox.read(Q, odd)).toMatchObject({
        id: odd,
        body: filed.body,
        sender: sender.id,
        state: 'in-hand',
      });
      expect(await inbox.done(claimed!)).toBe(true);
      expect(await inbox.read(Q, 'another')).toBeUndefined();
    });

    it('may have 256 KiB, and an id of 128 characters; what is longer is refused before it is filed', async () => {
      const { inbox } = await start();
      const id = '\u{1F511}'.repeat(64);
      const body = 'é'.repeat(128 * 1024);
      expect(await inbox.file(Q, message(id, { body }))).toBe(true);
      expect((await inbox.claim(Q, 1, MINUTE_MS))[0]?.body === body).toBe(true);
      await expect(inbox.file(Q, message('a', { body: `${body}a` }))).rejects.toThrow(TypeError);
      for (const wrong of ['', `${id}a`, '\ud83d'])
        await expect(inbox.file(Q, message(wrong))).rejects.toThrow(TypeError);
      await expect(inbox.file(Q, message('a', { body: '\ud83d' }))).rejects.toThrow(TypeError);
      await expect(inbox.file('no queue', message('a'))).rejects.toThrow(TypeError);
      expect(idsOf((await inbox.list({ limit: 100 })).messages)).toEqual([id]);
    });

    it('of an id that is known changes nothing, whatever has become of it, in its own queue alone', async () => {
      const { inbox, open } = await start();
      const again = message('a', { body: 'another', sender: queueSender('q', 'x') });
      const unchanged = async () => {
        expect(await (await open()).file(Q, again)).toBe(false);
        expect(await inbox.read(Q, 'a')).toMatchObject({ body: 'body of a', sender: sender.id });
      };
      expect(await inbox.file(Q, message('a'))).toBe(true);
      await unchanged();
      const [claimed] = await inbox.claim(Q, 1, MINUTE_MS);
      await unchanged();
      await inbox.bury(claimed!, refusal);
      await unchanged();
      await inbox.putBack(Q, 'a');
      await inbox.done((await inbox.claim(Q, 1, MINUTE_MS))[0]!);
      await unchanged();
      expect(await inbox.claim(Q, 10, MINUTE_MS)).toEqual([]);
      expect(await inbox.file('other', again)).toBe(true);
    });

    it('that is done is known for a week, and then gone with its id', async () => {
      const { inbox, advance } = await start();
      const ids = [...numbers(30).map((i) => `m${i}`), 'a'];
      for (const id of ids) await inbox.file(Q, message(id));
      for (const one of await inbox.claim(Q, 100, MINUTE_MS)) await inbox.done(one);
      await advance(7 * DAY_MS - 1_000);
      expect(await inbox.file(Q, message('a'))).toBe(false);
      await advance(2_000);
      expect(await inbox.file(Q, message('a', { body: 'another' }))).toBe(true);
      expect(idsOf(await inbox.claim(Q, 10, MINUTE_MS))).toEqual(['a']);
      for (const i of numbers(4)) await inbox.file(Q, message(`new ${i}`)); // each takes a few of the old ones away
      const { messages } = await inbox.list({ limit: 100 });
      expect(idsOf(messages).sort()).toEqual(['a', ...numbers(4).map((i) => `new ${i}`)]);
    });
  });
}

function claiming(start: StartInbox): void {
  describe('a claim', () => {
    it('is of what is due in that queue, the longest due first, and of no more than was asked for', async () => {
      const { inbox, advance, nowMs } = await start();
      await inbox.file(Q, message('late'), 3 * MINUTE_MS);
      await inbox.file(Q, message('later'), 2 * MINUTE_MS);
      await inbox.file('other', message('else'));
      expect(await inbox.claim(Q, 10, MINUTE_MS)).toEqual([]);
      await advance(4 * MINUTE_MS);
      await inbox.file(Q, message('now'));
      expect(idsOf(await inbox.claim(Q, 2, MINUTE_MS))).toEqual(['later', 'late']);
      const [last, ...more] = await inbox.claim(Q, 10, MINUTE_MS);
      expect([last!.id, more]).toEqual(['now', []]);
      expect(Math.abs(last!.filedAtMs - nowMs())).toBeLessThan(MINUTE_MS);
      for (const most of [0, 101, 1.5]) await expect(inbox.claim(Q, most, MINUTE_MS)).rejects.toThrow(TypeError);
      await expect(inbox.claim(Q, 1, 0)).rejects.toThrow(TypeError);
    });

    it("keeps others off until its lease is over; then the message is handed out again, and the first claimant's word is refused", async () => {
      const { inbox, open, advance } = await start();
      await inbox.file(Q, message('a'));
      const [first] = await inbox.claim(Q, 1, MINUTE_MS);
      const other = await open();
      await advance(MINUTE_MS - 10_000);
      expect(await other.claim(Q, 1, MINUTE_MS)).toEqual([]);
      await advance(11_000);
      const [second] = await other.claim(Q, 1, MINUTE_MS);
      expect(second).toMatchObject({ id: 'a', tries: 2 });
      expect(await inbox.done(first!)).toBe(false);
      expect(await inbox.postpone(first!, 0)).toBe(false);
      expect(await inbox.bury(first!, refusal)).toBe(false);
      expect(await inbox.read(Q, 'a')).toMatchObject({ state: 'in-hand', tries: 2 });
      expect(await other.done(second!)).toBe(true);
      expect((await inbox.read(Q, 'a'))?.state).toBe('done');
    });

    it('counts after its lease for as long as nobody else has the message', async () => {
      const { inbox, advance } = await start();
      await inbox.file(Q, message('a'));
      const [claimed] = await inbox.claim(Q, 1, MINUTE_MS);
      await advance(2 * MINUTE_MS);
      expect((await inbox.read(Q, 'a'))?.state).toBe('waiting');
      expect(await inbox.done(claimed!)).toBe(true);
      expect(await inbox.claim(Q, 1, MINUTE_MS)).toEqual([]);
    });
  });
}

function ending(start: StartInbox): void {
  describe('a message that somebody had in hand', () => {
    it('comes again when it was postponed, after that time, and not to the claim that postponed it', async () => {
      const { inbox, advance } = await start();
      await inbox.file(Q, message('a'));
      const [claimed] = await inbox.claim(Q, 1, MINUTE_MS);
      expect(await inbox.postpone(claimed!, 10 * MINUTE_MS)).toBe(true);
      expect(await inbox.done(claimed!)).toBe(false);
      expect((await inbox.read(Q, 'a'))?.state).toBe('waiting');
      await advance(9 * MINUTE_MS);
      expect(await inbox.claim(Q, 1, MINUTE_MS)).toEqual([]);
      await advance(2 * MINUTE_MS);
      expect(await inbox.claim(Q, 1, MINUTE_MS)).toMatchObject([{ id: 'a', tries: 2 }]);
    });

    it('stays when it was buried, with the reason, until it is put back as if it were filed now', async () => {
      const { inbox, advance } = await start();
      await inbox.file(Q, message('a'));
      const [claimed] = await inbox.claim(Q, 1, MINUTE_MS);
      expect(await inbox.bury(claimed!, refusal)).toBe(true);
      await advance(30 * DAY_MS);
      await inbox.file(Q, message('b'));
      expect(idsOf(await inbox.claim(Q, 10, MINUTE_MS))).toEqual(['b']);
      const buried = await inbox.read(Q, 'a');
      expect(buried).toMatchObject({ state: 'buried', refusal });
      expect(await inbox.putBack(Q, 'a')).toBe(true);
      expect(await inbox.putBack(Q, 'a')).toBe(false);
      expect(await inbox.putBack(Q, 'nothing')).toBe(false);
      const [again] = await inbox.claim(Q, 10, MINUTE_MS);
      expect(again).toMatchObject({ id: 'a', tries: 1 });
      expect(again!.filedAtMs - buried!.filedAtMs).toBeGreaterThan(29 * DAY_MS);
      expect(await inbox.read(Q, 'a')).not.toHaveProperty('refusal');
      expect(await inbox.done(claimed!)).toBe(false);
    });
  });
}

function grouping(start: StartInbox): void {
  describe('the messages of a group', () => {
    it('are handed out in the order of filing, the next when the one before it is done or buried', async () => {
      const { inbox, advance } = await start();
      for (const id of ['a', 'b', 'c', 'd']) await inbox.file(Q, message(id, { group: 'web' }));
      await inbox.file(Q, message('x', { group: 'other' }));
      await inbox.file(Q, message('y'));
      const [a, x, y, ...more] = await inbox.claim(Q, 10, MINUTE_MS);
      expect([a!.id, x!.id, y!.id, more]).toEqual(['a', 'x', 'y', []]);
      await inbox.postpone(a!, 10 * MINUTE_MS);
      expect(await inbox.claim(Q, 10, MINUTE_MS)).toEqual([]);
      await advance(11 * MINUTE_MS);
      expect(idsOf(await inbox.claim(Q, 10, 60 * MINUTE_MS)).sort()).toEqual(['a', 'x', 'y']);
      expect(await inbox.claim(Q, 10, MINUTE_MS)).toEqual([]);
    });

    it('go on behind one that was buried, and that one comes last when it is put back', async () => {
      const { inbox } = await start();
      for (const id of ['a', 'b', 'c']) await inbox.file(Q, message(id, { group: 'web' }));
      const next = async () => {
        const [one, ...more] = await inbox.claim(Q, 10, MINUTE_MS);
        expect(more).toEqual([]);
        return one!;
      };
      const a = await next();
      expect(a.id).toBe('a');
      await inbox.bury(a, refusal);
      const b = await next();
      expect(b.id).toBe('b');
      await inbox.putBack(Q, 'a');
      expect(await inbox.claim(Q, 10, MINUTE_MS)).toEqual([]);
      await inbox.done(b);
      const c = await next();
      expect(c.id).toBe('c');
      await inbox.done(c);
      expect((await next()).id).toBe('a');
    });
  });
}

function looking(start: StartInbox): void {
  describe('whoever looks', () => {
    it('sees messages in the order of filing, page by page, by queue and by state', async () => {
      const { inbox } = await start();
      const ids = numbers(25).map((i) => `m${i}`);
      for (const id of ids) await inbox.file(Q, message(id));
      await inbox.file('other', message('o'));
      const [first, second] = await inbox.claim(Q, 2, MINUTE_MS);
      await inbox.bury(first!, refusal);
      await inbox.done(second!);
      await inbox.claim(Q, 1, MINUTE_MS);
      const all: FiledMessage[] = [];
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const page = await inbox.list({ queue: Q, limit: 10, ...(cursor !== undefined && { cursor }) });
        expect(page.messages.length).toBeLessThanOrEqual(10);
        all.push(...page.messages);
        cursor = page.cursor;
      }
      expect(idsOf(all)).toEqual(ids);
      expect(all[0]).not.toHaveProperty('body');
      const states = { buried: ['m0'], done: ['m1'], 'in-hand': ['m2'], waiting: ids.slice(3) } as const;
      for (const [state, those] of Object.entries(states)) {
        const asked = { state: state as FiledMessage['state'], limit: 100 };
        expect(idsOf((await inbox.list({ ...asked, queue: Q })).messages)).toEqual(those);
        const everywhere = (await inbox.list(asked)).messages;
        expect(idsOf(everywhere)).toEqual(state === 'waiting' ? [...those, 'o'] : those);
      }
      for (const cursor of ['', 'x', '-1', '0', '1e3'])
        await expect(inbox.list({ limit: 1, cursor })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
      await expect(inbox.list({ limit: 101 })).rejects.toThrow(TypeError);
    });

    it('learns how many wait, are in hand and are buried, and since when the oldest waits that is due', async () => {
      const { inbox, advance, nowMs } = await start();
      expect(await inbox.counts()).toEqual({});
      for (const id of ['a', 'b', 'c', 'd', 'e']) await inbox.file(Q, message(id));
      await inbox.file('__proto__', message('a'), MINUTE_MS);
      const [a, b] = await inbox.claim(Q, 3, 60 * MINUTE_MS);
      await inbox.bury(a!, refusal);
      await inbox.done(b!);
      await advance(30_000);
      const counts = new Map(Object.entries(await inbox.counts()));
      expect(counts.get(Q)).toMatchObject({ waiting: 2, inHand: 1, buried: 1 });
      const waits = nowMs() - counts.get(Q)!.oldestDueAtMs!;
      expect(waits > 20_000 && waits < MINUTE_MS).toBe(true);
      expect(counts.get('__proto__')).toEqual({ waiting: 1, inHand: 0, buried: 0 });
    });
  });
}

function together(start: StartInbox): void {
  describe('many at once', () => {
    it('who file one id: it is new for one of them', async () => {
      const { inbox, open } = await start();
      const many = [inbox, await open(), await open(), await open()];
      for (const round of numbers(5)) {
        const filed = await Promise.all(
          numbers(16).map((i) => many[i % 4]!.file(Q, message(`r${round}`, { group: `${i % 3}` }))),
        );
        expect(filed.filter(Boolean)).toHaveLength(1);
      }
    });

    it('who claim: each message is in one hand at a time, and done once, also where some die with theirs', {
      timeout: 120_000,
    }, async () => {
      const { inbox, open, advance } = await start();
      const many = [inbox, await open(), await open(), await open()];
      const ids = numbers(500).map((i) => `m${i}`);
      await Promise.all(
        many.map(async (one, i) => {
          for (const id of ids.filter((_, n) => n % 4 === i)) await one.file(Q, message(id));
        }),
      );
      const inHand = new Map<string, string>();
      const done: string[] = [];
      const dead: Claimed[] = [];
      const claimant = async (nth: number) => {
        for (;;) {
          const claimed = await many[nth % 4]!.claim(Q, 1 + (nth % 7), MINUTE_MS * 60);
          if (claimed.length === 0) return;
          for (const one of claimed) {
            expect(inHand.get(one.id)).toBeUndefined();
            inHand.set(one.id, one.receipt);
          }
          for (const one of claimed) {
            const number = Number(one.id.slice(1));
            if (number % 10 === 3 && one.tries === 1) {
              dead.push(one);
              continue;
            }
            inHand.delete(one.id);
            if (number % 3 === 0 && one.tries < 3) expect(await many[nth % 4]!.postpone(one, 0)).toBe(true);
            else {
              expect(await many[nth % 4]!.done(one)).toBe(true);
              done.push(one.id);
            }
          }
        }
      };
      await Promise.all(numbers(16).map(claimant));
      expect(dead).toHaveLength(50);
      expect((await inbox.counts())[Q]).toMatchObject({ inHand: 50, waiting: 0 });
      await advance(61 * MINUTE_MS);
      for (const { id } of dead) inHand.delete(id);
      await Promise.all(numbers(16).map(claimant));
      for (const one of dead) expect(await inbox.done(one)).toBe(false);
      expect(done.sort()).toEqual([...ids].sort());
    });

    it('who file and claim in groups: no two of a group are in hand, and each group keeps its order', {
      timeout: 120_000,
    }, async () => {
      const { inbox, open } = await start();
      const many = [inbox, await open(), await open(), await open()];
      const groups = numbers(12).map((i) => `g${i}`);
      const [inHand, seen] = [new Set<string>(), new Map<string, string[]>()];
      let [filing, left] = [groups.length, groups.length * 10 + 60];
      const filer = async (group: string, nth: number) => {
        for (const i of numbers(10)) await many[nth % 4]!.file(Q, message(`${group} ${i}`, { group }));
        filing -= 1;
      };
      const crowd = numbers(60).map((i) => many[i % 4]!.file(Q, message(`crowd ${i}`, { group: 'crowd' })));
      const claimant = async (nth: number) => {
        while (left > 0) {
          const claimed = await many[nth % 4]!.claim(Q, 5, MINUTE_MS * 60);
          for (const { group = '' } of claimed) {
            expect(inHand.has(group)).toBe(false);
            inHand.add(group);
          }
          for (const one of claimed) {
            const { id, group = '' } = one;
            if (one.tries === 1 && id.endsWith('7')) {
              inHand.delete(group);
              await many[nth % 4]!.postpone(one, 0);
              continue;
            }
            seen.set(group, [...(seen.get(group) ?? []), id]);
            left -= 1;
            inHand.delete(group);
            expect(await many[nth % 4]!.done(one)).toBe(true);
          }
          if (claimed.length === 0) await new Promise((resolve) => setImmediate(resolve));
        }
      };
      await Promise.all([...groups.map(filer), ...crowd, ...numbers(16).map(claimant)]);
      expect(filing).toBe(0);
      for (const group of groups) expect(seen.get(group)).toEqual(numbers(10).map((i) => `${group} ${i}`));
      expect(new Set(seen.get('crowd')).size).toBe(60);
    });
  });
}
