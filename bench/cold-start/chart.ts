// The HTTP functions as bars.
import { type Bar, picture } from '../support/bars.ts';
import type { Measured } from './figures.ts';
import { names } from './report.ts';
import { type Kind, kinds } from './variants.ts';

const looks: Readonly<Record<Kind, Bar['kind']>> = {
  ...{ empty: 'bare', floor: 'bare', sequence: 'bare', keyvend: 'ours', compiled: 'ours' },
  ...{ bundled: 'theirs', modules: 'theirs' },
} as const;

/** @returns SVG; undefined where no provider's HTTP function was measured */
export function chart(all: readonly Measured[]): string | undefined {
  const shown = all.filter(({ provider, handler }) => provider !== undefined && handler === `${provider}.http`);
  if (shown.length === 0) return undefined;
  return picture({
    title: 'Cold start: milliseconds from process start to first answer',
    said: 'one vend over TLS with answers at once; medians, shorter is better',
    groups: shown.map(({ provider = '', figures }) => ({
      name: provider.toUpperCase(),
      bars: kinds.map((kind) => ({ name: names[kind], value: figures[kind]?.wallMs ?? 0, kind: looks[kind] })),
    })),
  });
}
