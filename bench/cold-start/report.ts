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
  sequence: 'bare calls, in sequence',
  keyvend: 'keyvend',
  compiled: 'keyvend, compiled ahead',
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
      [
        ...['handler', 'keyvend, ms', 'compiled ahead, ms', 'SDKs from node_modules', 'SDKs, bundled'],
        ...['keyvend / bare calls', 'keyvend / bare calls in sequence', 'compiled ahead / bare calls in sequence'],
      ],
      all.map(headlines),
    ),
    '',
    table(
      detailed,
      all.flatMap((one, i) =>
        kinds.filter((kind) => kind !== 'empty' || i === 0).flatMap((kind) => details(one, kind)),
      ),
    ),
    '',
    ...goalTable(all),
    `${rounds} rounds${pinned ? ', on one core' : ''}; Node ${process.versions.node}, ${availableParallelism()} cores (${cpus()[0]?.model.trim()}).`,
  ].join('\n');
}

function goalTable(all: readonly Measured[]): string[] {
  const byHandler = [...Map.groupBy(goals(all), ({ handler }) => handler)];
  if (byHandler.length === 0) return [];
  const rows = byHandler.map(([handler, reached]) => [
    handler,
    ...whats.map((what) =>
      reached
        .filter((goal) => goal.what === what)
        .map(outcome)
        .join(''),
    ),
  ]);
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
  compiled: 'x bare calls in sequence, compiled ahead',
  bundleKB: 'bundle, KB',
  rssMB: 'RSS, MB',
};

const headlines = ({ handler, figures, ratios: { modules, bundled, floor, sequence, compiled } }: Measured) => [
  handler,
  ms(figures.keyvend.wallMs),
  ms(figures.compiled.wallMs),
  modules === undefined ? '' : `${times(modules)} slower`,
  bundled === undefined ? '' : `${times(bundled)} slower`,
  ...[floor, sequence, compiled].map(times),
];

function details({ handler, figures }: Measured, kind: Kind): string[][] {
  const found = figures[kind];
  if (found === undefined) return [];
  const { bytes, loadMs, firstMs, wallMs, wall, cpuMs, rssBytes, builtins, undici } = found;
  const row = [
    kind === 'empty' ? '' : handler,
    names[kind],
    bytes === undefined ? '' : String(Math.round(bytes / 1024)),
    ...[loadMs, firstMs, wallMs].map(ms),
    `${ms(wall.p25)}-${ms(wall.p75)}`,
    ...[wall.least, cpuMs, rssBytes / 1024 ** 2].map(ms),
    String(builtins),
    undici ? 'yes' : 'no',
  ];
  return [row];
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
