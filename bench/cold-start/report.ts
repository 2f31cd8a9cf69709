// The tables, as GitHub's markdown.
import { availableParallelism, cpus } from 'node:os';
import { table } from '../support/figures.ts';
import type { Measured } from './figures.ts';
import { type Goal, goals, isAtLeast, type What, whats } from './goals.ts';
import { type Interval, spread } from './statistics.ts';
import { type Kind, kinds } from './variants.ts';

export const names: Readonly<Record<Kind, string>> = {
  empty: 'empty handler',
  floor: 'bare calls (floor)',
  keyvend: 'keyvend',
  bundled: 'usual SDKs, bundled',
  modules: 'usual SDKs, node_modules',
};

const detailed = 'handler,variant,KB,load ms,first ms,wall ms,p25-p75,least,CPU ms,RSS MB,built-ins,fetch'.split(',');

export function report(all: readonly Measured[], pinned: boolean): string {
  const rounds = all[0]?.samples.keyvend.length ?? 0;
  return [
    'From the start of the process to the first answer; medians of the ratios of each round, with 95 % intervals.',
    '',
    table(
      ['handler', 'keyvend, ms', 'SDKs from node_modules', 'SDKs, bundled', 'keyvend / bare calls'],
      all.map(headlines),
    ),
    '',
    table(
      detailed,
      all.flatMap((one, i) => kinds.filter((kind) => kind !== 'empty' || i === 0).map((kind) => details(one, kind))),
    ),
    '',
    ...goalTable(all),
    `${rounds} rounds${pinned ? ', on one core' : ''}; Node ${process.versions.node}, ${availableParallelism()} cores (${cpus()[0]?.model.trim()}).`,
  ].join('\n');
}

function goalTable(all: readonly Measured[]): string[] {
  const byHandler = [...Map.groupBy(goals(all), ({ handler }) => handler)];
  if (byHandler.length === 0) return [];
  const rows = byHandler.map(([handler, reached]) => [handler, ...reached.map(outcome)]);
  return [table(['goal', ...whats.map((what) => asked[what])], rows), ''];
}

/** What a reader must know before believing any of it. */
export function warnings(all: readonly Measured[], unmeasured: readonly string[]): string[] {
  const restless = spread(all[0]?.samples.empty.map(({ wallMs }) => wallMs) ?? []);
  return [
    ...(restless > 0.35
      ? [`the machine is restless: an empty handler's middle half is ${percent(restless)} wide`]
      : []),
    ...all.flatMap(({ handler, lacking }) =>
      lacking.length === 0
        ? []
        : [`${handler} is faster than shown: the usual handler does without ${lacking.join(', ')}`],
    ),
    ...(unmeasured.length === 0
      ? []
      : [`not measured, for want of a row in bench/cold-start/handlers.ts: ${unmeasured.join(', ')}`]),
  ];
}

const asked: Readonly<Record<What, string>> = {
  modules: 'x node_modules',
  bundled: 'x bundled',
  floor: 'x bare calls',
  bundleKB: 'bundle, KB',
  rssMB: 'RSS, MB',
};

const headlines = ({ handler, figures, ratios: { modules, bundled, floor } }: Measured) => [
  handler,
  ms(figures.keyvend.wallMs),
  `${times(modules)} slower`,
  `${times(bundled)} slower`,
  times(floor),
];

function details({ handler, figures }: Measured, kind: Kind): string[] {
  const { bytes, loadMs, firstMs, wallMs, wall, cpuMs, rssBytes, builtins, undici } = figures[kind];
  return [
    kind === 'empty' ? '' : handler,
    names[kind],
    bytes === undefined ? '' : String(Math.round(bytes / 1024)),
    ...[loadMs, firstMs, wallMs].map(ms),
    `${ms(wall.p25)}-${ms(wall.p75)}`,
    ...[wall.least, cpuMs, rssBytes / 1024 ** 2].map(ms),
    String(builtins),
    undici ? 'yes' : 'no',
  ];
}

function outcome({ what, wanted, got, met, best }: Goal): string {
  const bound = `${isAtLeast(what) ? 'at least' : 'at most'} ${wanted}`;
  const ceiling = best === undefined ? '' : `; bare calls ${best.toFixed(2)}`;
  return `${got.toFixed(got < 20 ? 2 : 0)} (${bound}${ceiling}): ${met ? 'met' : '**not met**'}`;
}

const ms = (value: number): string => value.toFixed(1);
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const times = ({ value, low, high }: Interval): string =>
  `${value.toFixed(2)} x (${low.toFixed(2)}-${high.toFixed(2)})`;
