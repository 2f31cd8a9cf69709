// What those see whose change breaks a promise: the seed, the trace, and how to see it again.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { endAll, withCopy } from './mutant.ts';
import { mutations } from './mutations.ts';
import { nothingReached } from './reached.ts';

afterAll(endAll);

describe('a run that breaks a promise', { timeout: 120_000 }, () => {
  it.each([['--runs', '1000', '--seed', '1'], ['--exhaustive']])(
    'is shown, and can be repeated (%s)',
    async (...args) => {
      await withCopy(
        mutations.find(({ name }) => name === 'takes an unknown effect for none'),
        async (run) => {
          const { code, output } = await run(...args);
          expect(code).toBe(1);
          expect(output).toMatch(/^\d\d:\d\d:\d\d\.\d{3} \S+ +\d+ cloud\.create {2}\[.*\]$/m);
          expect(output).toMatch(/^P2: \S+ is on no record$/m);
          expect(output).toMatch(/\nruns \d+, violations [1-9]\d*\n$/);

          const [, again] = /^again: npm run simulate -- (.*)$/m.exec(output)!;
          const words = [...again!.matchAll(/'([^']*)'|(\S+)/g)].map(([word, quoted]) => quoted ?? word);
          const repeated = await run(...words);
          expect(repeated.code).toBe(1);
          const shown = (text: string) => text.slice(0, text.indexOf('\nagain: ')).split('\n');
          const trace = shown(repeated.output);
          expect(shown(output).slice(-trace.length)).toEqual(trace);
        },
      );
    },
  );

  it('does not occur where all is well, and the figures can be kept', async () => {
    await withCopy(undefined, async (run, folder) => {
      const { code, output } = await run('--runs', '50', '--seed', '7', '--json', 'figures.json');
      expect(code).toBe(0);
      expect(output).toMatch(/\nruns 50, violations 0\n$/);
      const figures: unknown = JSON.parse(await readFile(join(folder, 'figures.json'), 'utf8'));
      const some = expect.any(Number);
      const windows = { 'same name': 0, replaced: 0 };
      expect(figures).toEqual({
        runs: 50,
        portCalls: some,
        acknowledged: some,
        rotated: 0,
        violations: 0,
        lost: some,
        counted: {},
        windows,
        reached: nothingReached(),
        seed: 7,
        seconds: some,
      });
    });
  });
});
