// How often a vend waits for an answer before it asks on: what decides how long a caller waits when the cloud is far away. Counted, not
// timed, on the bundles as they are shipped.
import { expect, it } from 'vitest';
import { recordedSteps } from '../../bench/distance/measure.ts';
import type { Steps } from '../../bench/distance/plan.ts';

/** Of a process's first vend, and of a later one. */
const most: Readonly<Record<string, Readonly<Record<'cold' | 'warm', Steps>>>> = {
  ens: { cold: { inSequence: 12, calls: 18, ledgerCalls: 10 }, warm: { inSequence: 10, calls: 12, ledgerCalls: 6 } },
  ecs: { cold: { inSequence: 11, calls: 17, ledgerCalls: 10 }, warm: { inSequence: 9, calls: 11, ledgerCalls: 6 } },
  cvm: { cold: { inSequence: 11, calls: 17, ledgerCalls: 11 }, warm: { inSequence: 10, calls: 11, ledgerCalls: 7 } },
};
const whats = ['inSequence', 'calls', 'ledgerCalls'] as const;

it('is no more often than it has to be, on each cloud', { timeout: 120_000 }, async () => {
  // An answer that comes late on a busy machine makes two steps of one: the better of two counts.
  const [first, second] = [await recordedSteps(Object.keys(most)), await recordedSteps(Object.keys(most))];
  const over = first.flatMap(({ provider, ...one }, i) =>
    (['cold', 'warm'] as const).flatMap((when) =>
      whats.flatMap((what) => {
        const got = Math.min(one[when][what], second[i]![when][what]);
        return got > most[provider]![when][what] ? [`${provider} ${when} ${what} ${got}`] : [];
      }),
    ),
  );
  expect(first.map(({ provider }) => provider)).toEqual(Object.keys(most));
  expect(over).toEqual([]);
});
