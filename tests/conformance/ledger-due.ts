// The part of the ledger's contract that recovery lives on: what is due is found, oldest first, until it is done.
import { describe, expect, it } from 'vitest';
import type { Due } from '../../lib/ledger/ledger.ts';
import { active, called, namesOf, numbers, type StartLedger, web } from './ledger-harness.ts';

const fields = { settle: 'settleAtMs', rotate: 'rotateAtMs', announce: 'announceAtMs' } as const;
const whats = Object.keys(fields) as Due[];

export function duePromises(start: StartLedger): void {
  describe.for(whats)('finding what is due: %s', (what) => {
    it('gives the longest overdue first, up to the limit, and nothing before its time', async () => {
      const { ledger, other } = await start();
      const now = 1_772_366_400_000;
      // Written in another order than that in which they fall due, and spread over whatever the index is spread over.
      for (const i of numbers(40)) {
        const late = (i * 17) % 40;
        await ledger.write(active(called(`n${late}`), { [fields[what]]: now - late * 1_000 }), 0);
      }
      await ledger.write(active(called('soon'), { [fields[what]]: now + 1 }), 0);
      await ledger.write(active(called('never')), 0);
      const expected = numbers(40).map((i) => `n${39 - i}`);
      expect(namesOf(await ledger.due(what, now, 100))).toEqual(expected);
      for (const limit of [1, 7, 40]) {
        expect(namesOf(await other.due(what, now, limit))).toEqual(expected.slice(0, limit));
      }
      expect(namesOf(await ledger.due(what, now - 38_000, 100))).toEqual(['n39', 'n38']);
      expect(await ledger.due(what, now - 39_001, 100)).toEqual([]);
      expect(namesOf(await ledger.due(what, now + 1, 100)).at(-1)).toBe('soon');
    });

    it('omits a record once its moment is gone, and gives it later once its moment is moved', async () => {
      const { ledger } = await start();
      await ledger.write(active(called('gone'), { [fields[what]]: 100 }), 0);
      await ledger.write(active(called('moved'), { [fields[what]]: 200 }), 0);
      expect(namesOf(await ledger.due(what, 1_000, 10))).toEqual(['gone', 'moved']);
      await ledger.write(active(called('gone')), 1);
      await ledger.write(active(called('moved'), { [fields[what]]: 2_000 }), 1);
      expect(await ledger.due(what, 1_000, 10)).toEqual([]);
      expect(namesOf(await ledger.due(what, 2_000, 10))).toEqual(['moved']);
      await ledger.write(active(called('gone'), { [fields[what]]: 0 }), 2);
      expect(namesOf(await ledger.due(what, 2_000, 10))).toEqual(['gone', 'moved']);
    });

    it('gives whole identities, and none that is due for something else', async () => {
      const { ledger } = await start();
      await ledger.write(active(web, { [fields[what]]: 5 }), 0);
      for (const each of whats) expect(await ledger.due(each, 5, 10)).toEqual(each === what ? [web] : []);
    });

    it('rejects a limit that it cannot keep, and half a millisecond, as misuse', async () => {
      const { ledger } = await start();
      for (const limit of [0, -1, 1.5, 1_001]) await expect(ledger.due(what, 5, limit)).rejects.toThrow(TypeError);
      await expect(ledger.due(what, 0.5, 1)).rejects.toThrow(TypeError);
    });
  });
}
