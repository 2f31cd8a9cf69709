// The part of the ledger's contract about what stands until a moment: one value per key, whoever asks, expired or not.
import { describe, expect, it } from 'vitest';
import { numbers, type StartLedger } from './ledger-harness.ts';

const DAY = 86_400_000;

export function rememberPromises(start: StartLedger): void {
  const started = async () => {
    const harness = await start();
    const now = harness.clock.wallMs();
    return { ...harness, now, until: now + DAY };
  };

  describe('remembering a value', () => {
    it('keeps the first value until its moment comes', async () => {
      const { ledger, other, now, until } = await started();
      expect(await ledger.remember('key', 'first', now, until)).toBe('first');
      expect(await other.remember('key', 'second', now, until + DAY)).toBe('first');
      expect(await ledger.remember('key', 'second', until - 1, until + DAY)).toBe('first');
      expect(await other.remember('key', 'second', until, until + DAY)).toBe('second');
      expect(await ledger.remember('key', 'third', until, until + DAY)).toBe('second');
    });

    it('keeps one of 50 values, whether there was none before or one that has expired', async () => {
      const { ledger, other, now, until } = await started();
      for (const at of [now, until]) {
        const racing = numbers(50).map((i) => (i % 2 ? ledger : other).remember('key', `${at} ${i}`, at, at + DAY));
        const values = new Set(await Promise.all(racing));
        expect(values.size).toBe(1);
        expect([...values][0]).toMatch(new RegExp(`^${at} `));
      }
    });

    it('lets a value be recalled as long as it stands', async () => {
      const { ledger, other, now, until } = await started();
      expect(await ledger.recall('key', now)).toBeUndefined();
      await ledger.remember('key', 'value', now, until);
      expect(await other.recall('key', now)).toBe('value');
      expect(await other.recall('key', until - 1)).toBe('value');
      expect(await other.recall('key', until)).toBeUndefined();
      expect(await other.recall('another key', now)).toBeUndefined();
    });

    it('keeps any text under any key', async () => {
      const { ledger, other, now, until } = await started();
      const keys = ['', ' ', 'a', 'A', 'a/b', '\u0000', 'Bär 東京 🗝️', 'k'.repeat(5_000), `${'k'.repeat(5_000)}l`];
      for (const key of keys) expect(await ledger.remember(key, `<${key}>\u0000`, now, until)).toBe(`<${key}>\u0000`);
      for (const key of keys) expect(await other.remember(key, 'later', now, until)).toBe(`<${key}>\u0000`);
      expect(await ledger.remember('empty', '', now, until)).toBe('');
      expect(await other.remember('empty', 'later', now, until)).toBe('');
    });

    it('does not keep a value that has expired by the time it comes', async () => {
      const { ledger, now, until } = await started();
      expect(await ledger.remember('key', 'first', now, now)).toBe('first');
      expect(await ledger.remember('key', 'second', now, until)).toBe('second');
    });

    it('rejects half a millisecond as misuse', async () => {
      const { ledger, now } = await started();
      await expect(ledger.remember('key', 'value', now, now + 0.5)).rejects.toThrow(TypeError);
      await expect(ledger.remember('key', 'value', now + 0.5, now)).rejects.toThrow(TypeError);
    });
  });

  describe('restating a value', () => {
    it('replaces whatever was remembered, even if there was nothing', async () => {
      const { ledger, other, now, until } = await started();
      await ledger.remember('key', 'before', now, until);
      await other.restate('key', 'after', until);
      await other.restate('new', 'value', until);
      expect(await ledger.recall('key', now)).toBe('after');
      expect(await ledger.remember('key', 'later', now, until)).toBe('after');
      expect(await ledger.recall('new', now)).toBe('value');
      expect(await ledger.recall('other key', now)).toBeUndefined();
    });

    it('makes a value stand for longer, or end at once', async () => {
      const { ledger, now, until } = await started();
      await ledger.remember('key', 'before', now, until);
      await ledger.restate('key', 'before', until + DAY);
      expect(await ledger.remember('key', 'later', until, until + DAY)).toBe('before');
      await ledger.restate('key', 'over', now);
      expect(await ledger.remember('key', 'later', now, until)).toBe('later');
      await expect(ledger.restate('key', 'value', now + 0.5)).rejects.toThrow(TypeError);
    });
  });
}
