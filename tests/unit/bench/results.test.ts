// What the bench makes of its samples: ratios, goals, the picture.
import { describe, expect, it } from 'vitest';
import { chart } from '../../../bench/cold-start/chart.ts';
import { type Measured, measured } from '../../../bench/cold-start/figures.ts';
import { goals } from '../../../bench/cold-start/goals.ts';
import { handlers } from '../../../bench/cold-start/handlers.ts';
import { report, warnings } from '../../../bench/cold-start/report.ts';
import { lacking } from '../../../bench/cold-start/same-calls.ts';
import type { Sample } from '../../../bench/cold-start/sample.ts';
import type { Call } from '../../../bench/cold-start/stand-in/recorder.ts';
import { type Kind, kinds } from '../../../bench/cold-start/variants.ts';

const MB = 1024 ** 2;
const walls: Readonly<Record<Kind, number>> = {
  ...{ empty: 20, floor: 60, sequence: 72, keyvend: 90, compiled: 81, bundled: 360, modules: 720 },
};

/** Five rounds, each on a machine that is slower than the round before. */
function result(name: string, bytes = 200 * 1024, taken: readonly Kind[] = kinds): Measured {
  const samples = Object.fromEntries(
    taken.map((kind) => [
      kind,
      [1, 1.1, 1.3, 1.6, 2].map(
        (slower): Sample => ({
          wallMs: slower * walls[kind],
          loadMs: 1,
          firstMs: 1,
          cpuMs: slower * walls[kind],
          rssBytes: 60 * MB,
          builtins: 70,
          undici: kind === 'modules',
        }),
      ),
    ]),
  ) as unknown as Record<Kind, Sample[]>;
  const module = { file: '/none.js', exported: 'http' };
  const ours = { empty: module, floor: module, sequence: module, keyvend: { ...module, bytes }, compiled: module };
  const modules = { ...ours, bundled: module, modules: module };
  return measured(handlers([name])[0]!, samples, modules, { calls: [], lacking: [] });
}

describe('the report of the cold-start bench', () => {
  it('compares both usual handlers with ours, and ours with the bare calls', () => {
    const { ratios, overEmpty } = result('ecs.http');
    expect(ratios.modules).toEqual({ value: 8, low: 8, high: 8 });
    expect(ratios.bundled?.value).toBe(4);
    expect(ratios.floor.value).toBe(1.5);
    expect(ratios.sequence.value).toBe(1.25);
    expect(ratios.compiled.value).toBe(1.125);
    expect(overEmpty.modules?.value).toBe(10);
  });

  it('hides no goal that was missed', () => {
    const missed = goals([result('ecs.http', 230 * 1024)]).filter(({ met }) => !met);
    expect(missed).toMatchObject([
      { what: 'bundled', wanted: 4.5, got: 4 },
      { what: 'bundleKB', wanted: 220, got: 230 },
    ]);
    expect(report([result('ecs.http', 230 * 1024)], false)).toContain('230 (at most 220): **not met**');
  });

  it('says what the bare calls reach, so that a goal out of reach is seen to be one', () => {
    const [modules, bundled, compiled] = goals([result('ecs.http')]);
    expect([modules?.best, bundled?.best, compiled?.best]).toEqual([12, 6, undefined]);
    expect(report([result('ecs.http')], false)).toContain('8.00 (at least 7; bare calls 12.00): met');
  });

  it('shows a handler that nobody has written the usual way without those columns', () => {
    const alone = result(
      'lifecycle.http',
      200 * 1024,
      kinds.filter((kind) => kind !== 'bundled' && kind !== 'modules'),
    );
    expect(alone.ratios.modules).toBeUndefined();
    expect(report([alone], false)).toContain('| lifecycle.http | 117.0 | 105.3 |  |  | 1.50 x (1.50-1.50) |');
  });

  it('sets goals for the functions that vend, and none for the catalog', () => {
    expect(goals([result('catalog.http')])).toEqual([]);
    expect(goals([result('cvm.queue')]).find(({ what }) => what === 'bundleKB')).toMatchObject({
      met: false,
      wanted: 192,
    });
  });

  it('warns of a restless machine, of an unequal comparison and of functions that were left out', () => {
    const lacking = ['dynamodb GetItem'];
    expect(warnings([{ ...result('ecs.http'), lacking }], ['recovery.run'])).toEqual([
      expect.stringContaining('restless'),
      expect.stringContaining('does without dynamodb GetItem'),
      expect.stringContaining('recovery.run'),
    ]);
  });

  it('draws the HTTP functions, with a description for readers who cannot see the picture', () => {
    const svg =
      chart(['ens.http', 'ecs.http', 'cvm.http', 'ecs.queue', 'catalog.http'].map((name) => result(name))) ?? '';
    expect(Buffer.byteLength(svg)).toBeLessThan(8 * 1024);
    expect(svg.match(/<rect /g)).toHaveLength(21);
    expect(svg).toMatch(/<title[^>]*>.+<\/title>\n<desc[^>]*>.*ENS: .*keyvend 117.*<\/desc>/);
    expect(svg).toContain('prefers-color-scheme:dark');
    expect(chart([result('catalog.http')])).toBeUndefined();
  });
});

describe('the usual handler', () => {
  /** `action@after`, as recorded. */
  const calls = (...words: string[]) =>
    words.map((word) => {
      const [action = '', after] = word.split('@');
      return { host: 'dynamodb', action, after: Number(after) } as Call;
    });

  it('may make the same calls in another order, and may make fewer, which is reported', () => {
    expect(lacking(calls('GetItem@0', 'Query@0', 'PutItem@2'), calls('Query@0', 'GetItem@0', 'PutItem@2'))).toEqual([]);
    expect(lacking(calls('PutItem@0', 'PutItem@1'), calls('PutItem@0'))).toEqual(['dynamodb PutItem']);
  });

  it('may not make more calls than ours, nor wait more often', () => {
    expect(() => lacking(calls('PutItem@0'), calls('PutItem@0', 'PutItem@1'))).toThrow('dynamodb PutItem');
    expect(() => lacking(calls('GetItem@0', 'Query@0'), calls('GetItem@0', 'Query@1'))).toThrow('one after the other');
  });
});
