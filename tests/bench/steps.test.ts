// How often a vend waits for an answer before it asks on: what decides how long a caller waits when the cloud is far away. Counted, not
// timed, on the bundles as they are shipped.
import { expect, it } from 'vitest';
import { recordedSteps } from '../../bench/distance/measure.ts';
import type { Steps } from '../../bench/distance/plan.ts';

/** Of a process's first vend, and of a later one. */
const most: Readonly<Record<string, Readonly<Record<'cold' | 'warm', Steps>>>> = {
  ens: { cold: { inSequence: 9, calls: 18, ledgerCalls: 10 }, warm: { inSequence: 8, calls: 12, ledgerCalls: 6 } },
  ecs: { cold: { inSequence: 8, calls: 17, ledgerCalls: 10 }, warm: { inSequence: 7, calls: 11, ledgerCalls: 6 } },
  cvm: { cold: { inSequence: 9, calls: 17, ledgerCalls: 11 }, warm: { inSequence: 8, calls: 11, ledgerCalls: 7 } },
};
const whats = ['inSequence', 'calls', 'ledgerCalls'] as const;

/** What is over its limit. */
const over = (steps: Awaited<ReturnType<typeof recordedSteps>>): string[] =>
  steps.flatMap(({ provider, ...one }) =>
    (['cold', 'warm'] as const).flatMap((when) =>
      whats
        .filter((what) => one[when][what] > most[provider]![when][what])
        .map((what) => `${provider} ${when} ${what} ${one[when][what]}`),
    ),
  );

it('is no more often than it has to be, on each cloud', { timeout: 240_000 }, async () => {
  // An answer that comes late on a busy machine makes two steps of one, and nothing makes one of two: one good recording is proof.
  const tries: string[][] = [];
  for (let tried = 0; tried < 6 && tries.every(({ length }) => length > 0); tried += 1) {
    const steps = await recordedSteps(Object.keys(most));
    expect(steps.map(({ provider }) => provider)).toEqual(Object.keys(most));
    tries.push(over(steps));
  }
  expect(tries.at(-1)).toEqual([]);
});
