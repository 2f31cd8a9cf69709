// The part of the ledger's contract that custody hangs on: only a writer who has read the latest record can replace it.
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { active, called, numbers, type StartLedger, type TestRecord, web } from './ledger-harness.ts';

export function recordPromises(start: StartLedger): void {
  describe('reading and writing records', () => {
    it('knows nothing of what was never written', async () => {
      const { ledger } = await start();
      expect(await ledger.read(web)).toBeUndefined();
      expect(await ledger.attempts(web)).toEqual(new Map());
      expect(await ledger.list({ limit: 100 })).toEqual({ records: [] });
      expect(await ledger.due('settle', Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
    });

    it('gives back what was written, and counts how often that was', async () => {
      const { ledger, other } = await start();
      for (const revision of [1, 2, 3, 4]) {
        const record = active(web, { note: { revision } });
        expect(await ledger.write(record, revision - 1)).toBe(revision);
        expect(await ledger.read(web)).toEqual({ record, revision });
        expect(await other.read(web)).toEqual({ record, revision });
      }
    });

    it.for([
      ['no record where there is one', 0],
      ['a revision that has been replaced since', 1],
      ['a revision that is still to come', 3],
    ] as const)('writes nothing for a writer who expects %s', async ([, expected]) => {
      const { ledger, other } = await start();
      await ledger.write(active(web, { note: 1 }), 0);
      await ledger.write(active(web, { note: 2 }), 1);
      const late = { identity: web, state: 'closed', note: 'late', settleAtMs: 1 };
      expect(await other.write(late, expected)).toBe('conflict');
      expect(await ledger.read(web)).toEqual({ record: active(web, { note: 2 }), revision: 2 });
      expect(await ledger.due('settle', 10, 10)).toEqual([]);
      expect((await ledger.list({ state: 'closed', limit: 10 })).records).toEqual([]);
    });

    it('replaces nothing where there is nothing', async () => {
      const { ledger } = await start();
      expect(await ledger.write(active(web), 1)).toBe('conflict');
      expect(await ledger.read(web)).toBeUndefined();
    });

    it('lets one of 50 writers open an identity', async () => {
      const { ledger, other } = await start();
      const openings = numbers(50).map((note) => (note % 2 ? ledger : other).write(active(web, { note }), 0));
      const results = await Promise.all(openings);
      expect(results.filter((result) => result !== 'conflict')).toEqual([1]);
      const winner = results.indexOf(1);
      expect(await ledger.read(web)).toEqual({ record: active(web, { note: winner }), revision: 1 });
    });

    it('loses none of the replacements that many writers make in turns', async () => {
      const { ledger, other } = await start();
      await ledger.write(active(web, { note: 0 }), 0);
      const add = async (one: typeof ledger): Promise<void> => {
        const filed = await one.read(web);
        const written = await one.write(active(web, { note: Number(filed!.record.note) + 1 }), filed!.revision);
        return written === 'conflict' ? add(one) : undefined;
      };
      await Promise.all(numbers(12).map((i) => add(i % 2 ? ledger : other)));
      expect(await ledger.read(web)).toEqual({ record: active(web, { note: 12 }), revision: 13 });
    });

    it('keeps identities apart that differ in one word', async () => {
      const { ledger } = await start();
      const identities = [
        web,
        called('web_1'),
        called('Web'),
        called('web', { account: 'other' }),
        called('web', { region: 'cn-beijing' }),
        called('web', { provider: 'cvm' }),
      ];
      for (const [note, identity] of identities.entries()) await ledger.write(active(identity, { note }), 0);
      for (const [note, identity] of identities.entries()) {
        expect(await ledger.read(identity)).toEqual({ record: active(identity, { note }), revision: 1 });
      }
    });

    it('keeps every character, and 100 KB of them', async () => {
      const { ledger, other } = await start();
      const text = `'"\\\n\u0000\u2028 {"S":"x"} Bär 東京 🗝️ `;
      const note = { [text]: [text.repeat(1_000), null, -0.5, 1e300, true, {}, ''] };
      const filler = 'ü'.repeat((100 * 1024 - Buffer.byteLength(JSON.stringify(active(web, { note }))) - 30) / 2);
      const record = active(web, { note: { ...note, filler } });
      expect(Buffer.byteLength(JSON.stringify(record))).toBeGreaterThan(100_000);
      expect(await ledger.write(record, 0)).toBe(1);
      expect(await other.read(web)).toEqual({ record, revision: 1 });
      expect((await other.list({ limit: 1 })).records).toEqual([record]);
    });

    it('keeps what is longer as well, where most of it is said several times', async () => {
      const { ledger, other } = await start();
      const names = numbers(2_000).map((i) => `Bär@${randomBytes(20).toString('hex')}.example.com:${i}`);
      const said = (at: number) => Object.fromEntries(names.map((name, i) => [name, { outcome: 'ok', atMs: at + i }]));
      for (const revision of [1, 2, 3]) {
        const note = { names, first: said(revision), second: said(1e12), third: said(2e12) };
        const record = active(web, { note });
        expect(JSON.stringify(record).length).toBeGreaterThan(600_000);
        expect(await ledger.write(record, revision - 1)).toBe(revision);
        expect(await other.read(web)).toEqual({ record, revision });
        expect((await other.list({ limit: 1 })).records).toEqual([record]);
      }
      expect(await other.write(active(web), 3)).toBe(4); // and becomes a short one again
      expect(await ledger.read(web)).toEqual({ record: active(web), revision: 4 });
    });

    it('keeps what it was given, not what becomes of that later', async () => {
      const { ledger } = await start();
      const note = { inner: 'written' };
      await ledger.write(active(web, { note }), 0);
      note.inner = 'changed';
      const read = await ledger.read(web);
      expect(read!.record.note).toEqual({ inner: 'written' });
      (read!.record.note as typeof note).inner = 'changed';
      expect((await ledger.read(web))!.record.note).toEqual({ inner: 'written' });
    });

    it.for<[string, TestRecord, number]>([
      ['a slash in a name', active(called('a/b')), 0],
      ['an empty account', active(called('web', { account: '' })), 0],
      ['an empty state', { identity: web, state: '' }, 0],
      ['half a millisecond', active(web, { settleAtMs: 0.5 }), 0],
      ['a moment that is not a number', active(web, { rotateAtMs: Number.NaN }), 0],
      ['a negative revision', active(web), -1],
      ['half a revision', active(web), 0.5],
      ['more than packs into 390 KB', active(web, { note: randomBytes(400 * 1024).toString('base64') }), 0],
    ])('rejects %s as misuse', async ([, record, expected]) => {
      const { ledger } = await start();
      await expect(ledger.write(record, expected)).rejects.toThrow(TypeError);
      expect(await ledger.list({ limit: 1 })).toEqual({ records: [] });
    });
  });
}
