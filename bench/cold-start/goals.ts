// What the functions should reach, and whether they do. A miss is shown like everything else.
import type { Measured } from './figures.ts';
import type { Provider } from './handlers.ts';

export interface Goal {
  readonly handler: string;
  readonly what: What;
  readonly wanted: number;
  readonly got: number;
  readonly met: boolean;
  /** What the bare calls reach, which nothing that makes these calls can beat by much. For ratios to the usual handler. */
  readonly best?: number;
}

/** Times faster than the usual handler, in both forms; compiled ahead, times the bare calls in sequence; the bundle's size; memory at the end. */
export const whats = ['modules', 'bundled', 'compiled', 'bundleKB', 'rssMB'] as const;
export type What = (typeof whats)[number];
export const isAtLeast = (what: What): boolean => what === 'modules' || what === 'bundled';

/**
 * CVM's size was 160 KB before whose a pair is and who may do what had to be proved, and 180 KB before connections were opened early
 * (docs/decisions). ENS has no SDK of its own: seven times faster than one that loads as little is more than the bare calls reach.
 */
const usual = { compiled: 1.35, bundleKB: 220, rssMB: 65 };
const wanted: Readonly<Record<Provider, Readonly<Partial<Record<What, number>>>>> = {
  ens: usual,
  ecs: { ...usual, modules: 7, bundled: 4.5 },
  cvm: { ...usual, modules: 3.2, bundled: 2.2, bundleKB: 192 },
};

export const goals = (all: readonly Pick<Measured, 'handler' | 'provider' | 'ratios' | 'figures'>[]): Goal[] =>
  all.flatMap(({ handler, provider, ratios, figures }) => {
    if (provider === undefined) return [];
    const { keyvend, floor } = figures;
    const reached: Record<What, number> = {
      modules: ratios.modules?.value ?? Number.NaN,
      bundled: ratios.bundled?.value ?? Number.NaN,
      compiled: ratios.compiled.value,
      bundleKB: (keyvend.bytes ?? Number.NaN) / 1024,
      rssMB: keyvend.rssBytes / 1024 ** 2,
    };
    return whats.flatMap((what) => {
      const [goal, got] = [wanted[provider][what], reached[what]];
      if (goal === undefined) return [];
      const met = isAtLeast(what) ? got >= goal : got <= goal;
      const best = what === 'modules' || what === 'bundled' ? { best: figures[what]!.wallMs / floor.wallMs } : {};
      return [{ handler, what, wanted: goal, got, met, ...best }];
    });
  });
