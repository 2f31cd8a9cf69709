// An alias of an account under which somebody puts the access key of another account, and later takes it away again. What is in
// one account must neither be looked for nor made nor removed in the other.
import { providerNames } from '../../lib/provider-table.ts';
import { MemoryCloud, STRANGER } from '../doubles/memory-cloud.ts';
import { random } from '../doubles/random.ts';
import { asks, reconciles, recovers } from './callers.ts';
import { byChance } from './faults.ts';
import { comes, finished, type Run } from './run.ts';
import { type World, world } from './world.ts';

const MINUTE = 60_000;

export async function movedRun(seed: number): Promise<Run> {
  const chance = random(seed ^ 0x30fe);
  const provider = chance.pick(providerNames);
  const all = world(seed, provider, byChance(random(seed + 1)));
  const { alias, line, names, place, scheduler } = all;
  const home = { ...alias };
  const elsewhere = new MemoryCloud(provider, random(seed + 2), () => scheduler.nowMs, 40);
  for (const { identity } of names)
    if (chance.chance(0.5)) elsewhere.create({ region: place.region, name: identity.name }, STRANGER);
  await all.settledIn();

  const movedAtMs = chance.pick([50, 1_500, 40_000, 20 * MINUTE]) + chance.below(3_000);
  const backAtMs = movedAtMs + chance.pick([2_000, 90_000, 45 * MINUTE]);
  comes(all, movedAtMs, () => {
    Object.assign(alias, { digest: 'of another key', account: '2', cloud: elsewhere });
    line.note('all', 'the alias moves to another account');
  });
  comes(all, backAtMs, () => {
    Object.assign(alias, { ...home, digest: chance.pick([home.digest, 'of the second key']) });
    line.note('all', 'the alias is moved back');
  });
  const later = () => chance.below(backAtMs + 5 * MINUTE);
  for (let i = 2 + chance.below(4); i > 0; i -= 1) {
    const trigger = chance.pick(['http', 'queue'] as const);
    const named = chance.chance(0.2) ? names[1] : names[0];
    comes(all, i === 1 ? chance.below(movedAtMs) : later(), () => asks(all, named, `${trigger}${i}`, trigger));
  }
  for (let i = 2 + chance.below(5); i > 0; i -= 1) comes(all, later(), () => void recovers(all, `scheduled${i}`));
  for (let i = chance.below(3); i > 0; i -= 1) comes(all, later(), () => void reconciles(all, `reconciler${i}`));

  const run = await finished(all, {
    title: `moved, seed ${seed}, ${provider}`,
    again: `--moved --runs 1 --seed ${seed}`,
  });
  return {
    ...run,
    violations: [...run.violations, ...strayed(elsewhere, all)],
    get trace() {
      return line.trace;
    },
  };
}

/** Nothing of ours comes to be in the other account, and nothing of it is removed. */
const strayed = ({ pairs, removals }: MemoryCloud, { isOurs }: World): string[] => [
  ...removals.filter(({ by }) => isOurs(by)).map(({ pair, by }) => `P3: ${by} removed ${pair.id} of another account`),
  ...pairs
    .filter(({ madeBy }) => isOurs(madeBy))
    .map(({ id, madeBy }) => `P2: ${madeBy} made ${id} in another account`),
];
