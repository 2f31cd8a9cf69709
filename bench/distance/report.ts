// The tables, as GitHub's markdown.
import { availableParallelism, cpus } from 'node:os';
import { table } from '../support/figures.ts';
import type { Times } from './ask.ts';
import { type Distances, type Kind, kinds } from './measure.ts';

export const names: Readonly<Record<Kind, string>> = {
  keyvend: 'keyvend',
  compiled: 'keyvend, compiled ahead',
  bare: 'the same calls, bare, in sequence',
  usual: 'usual SDKs',
};
/** What a provider's own calls to its cloud cost at least, in round trips of its distance, and what the rest may take. */
const goals: Readonly<Record<string, Readonly<Record<'coldMs' | 'warmMs', readonly [trips: number, ms: number]>>>> = {
  ens: { coldMs: [4, 75], warmMs: [2, 45] },
  ecs: { coldMs: [3, 75], warmMs: [1, 45] },
  cvm: { coldMs: [3, 60], warmMs: [1, 30] },
};
const whats = { coldMs: 'cold', warmMs: 'warm', afterIdleMs: 'after idling' } as const;

export function distanceReport({ measured, steps, rounds }: Distances): string {
  const distances = [...new Set(measured.map(({ cloudMs }) => cloudMs))];
  const providers = steps.map(({ provider }) => provider);
  const times = (provider: string, cloudMs: number, kind: Kind): Times =>
    measured.find((one) => one.provider === provider && one.cloudMs === cloudMs && one.kind === kind)!.times;
  const rows = distances.flatMap((cloudMs) =>
    kinds.map((kind) => [
      `${cloudMs} ms`,
      names[kind],
      ...providers.flatMap((provider) => {
        const one = times(provider, cloudMs, kind);
        return (Object.keys(whats) as (keyof Times)[]).map((what) => String(Math.round(one[what] ?? Number.NaN)));
      }),
    ]),
  );
  const goalRows = distances.flatMap((cloudMs) =>
    (['keyvend', 'compiled'] as const).map((kind) => [
      `${cloudMs} ms, ${names[kind]}`,
      ...providers.flatMap((provider) =>
        (['coldMs', 'warmMs'] as const).map((what) => {
          const [trips, ms] = goals[provider]![what];
          const [wanted, got] = [trips * cloudMs + ms, times(provider, cloudMs, kind)[what]];
          return `${Math.round(got)} of ${wanted}: ${got <= wanted ? 'met' : '**not met**'}`;
        }),
      ),
    ]),
  );
  return [
    'Milliseconds, medians; loading and the first answer, the second request of the same process, and one after it was idle.',
    '',
    table(['cloud', '', ...providers.flatMap((one) => Object.values(whats).map((what) => `${one} ${what}`))], rows),
    '',
    table(['goal', ...providers.flatMap((one) => [`${one} cold`, `${one} warm`])], goalRows),
    '',
    table(
      ['steps that wait for one another', 'cold', 'warm', 'calls, cold', 'calls, warm', 'of the ledger, cold', 'warm'],
      steps.map(({ provider, cold, warm }) => [
        provider,
        ...[cold.inSequence, warm.inSequence, cold.calls, warm.calls, cold.ledgerCalls, warm.ledgerCalls].map(String),
      ]),
    ),
    '',
    `${rounds} rounds; Node ${process.versions.node}, ${availableParallelism()} cores (${cpus()[0]?.model.trim()}).`,
  ].join('\n');
}
