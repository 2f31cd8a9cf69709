// The farthest distance as bars.
import { type Bar, picture } from '../support/bars.ts';
import { type Distances, type Kind, kinds } from './measure.ts';
import { names } from './report.ts';

const looks: Readonly<Record<Kind, Bar['kind']>> = { keyvend: 'ours', compiled: 'ours', bare: 'bare', usual: 'theirs' };

/** @returns SVG */
export function chart({ measured, steps }: Distances): string {
  const farMs = Math.max(...measured.map(({ cloudMs }) => cloudMs));
  const bars = (provider: string, what: 'coldMs' | 'warmMs') =>
    kinds.flatMap((kind) =>
      measured
        .filter((one) => one.provider === provider && one.cloudMs === farMs && one.kind === kind)
        .map(({ times }) => ({ name: names[kind], value: times[what], kind: looks[kind] })),
    );
  return picture({
    title: `A cloud that is ${farMs} ms away: milliseconds to the answer`,
    said: 'one vend over TLS, its answers delayed by the distance; medians, shorter is better',
    groups: steps.flatMap(({ provider }) =>
      (['coldMs', 'warmMs'] as const).map((what) => ({
        name: `${provider.toUpperCase()}, ${what === 'coldMs' ? 'the first of a process' : 'a later one'}`,
        bars: bars(provider, what),
      })),
    ),
  });
}
