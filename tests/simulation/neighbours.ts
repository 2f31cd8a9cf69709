// Two keyvends in one account of a cloud that are asked for the very same names: two stages, two regions of AWS, one that was
// set up again beside itself, or a copy of a ledger that somebody has put to use. Each has a ledger and a store of its own, and
// neither may hurt the other.
import { providerNames } from '../../lib/provider-table.ts';
import { random } from '../doubles/random.ts';
import { asks, reconciles, recovers } from './callers.ts';
import { byChance } from './faults.ts';
import { comes, finished, type Run } from './run.ts';
import { neighbourOf, world } from './world.ts';

export const kinds = ['own', 'copied'] as const;
/** `own`: it began with an empty ledger. `copied`: at some moment it got a copy of ours, and nobody has confirmed that. */
export type Kind = (typeof kinds)[number];

export function neighbourRun(seed: number, kind: Kind): Promise<Run> {
  const chance = random(seed ^ 0x2b2b);
  const provider = chance.pick(providerNames);
  const all = world(seed, provider, byChance(random(seed + 1)));
  const neighbour = neighbourOf(all);
  all.cloud.lagMs = chance.pick([0, 0, 5_000, 25_000]);
  all.cloud.skewMs = chance.pick([0, 0, -4_000, 4_000]);
  const beginsMs = kind === 'copied' ? chance.pick([0, 2_000, 60_000, 1_000_000]) : 0;
  neighbour.fenced = kind === 'copied';
  if (neighbour.fenced) comes(all, beginsMs, () => neighbour.ledger.restore(all.ledger.backUp()));
  const later = () => chance.pick([0, 50, 1_500, 40_000, 120_000, 400_000, 1_050_000, 1_300_000]) + chance.below(50);
  for (const one of [all, neighbour]) {
    const fromMs = one === neighbour ? beginsMs + 1 : 0;
    for (let i = 1 + chance.below(3); i > 0; i -= 1) {
      const trigger = chance.pick(['http', 'queue'] as const);
      const named = chance.chance(0.1) ? one.names[1] : one.names[0];
      comes(one, fromMs + (i === 1 ? chance.below(2_000) : later()), () => asks(one, named, `${trigger}${i}`, trigger));
    }
    for (let i = chance.below(3); i > 0; i -= 1)
      comes(one, fromMs + later(), () => void recovers(one, `scheduled${i}`));
    for (let i = chance.pick([0, 0, 1]); i > 0; i -= 1)
      comes(one, fromMs + later(), () => void reconciles(one, `reconciler${i}`));
  }
  const again = `--neighbour ${kind} --runs 1 --seed ${seed}`;
  return finished(all, { title: `neighbour ${kind}, seed ${seed}, ${provider}`, again });
}
