// A run as the seed makes it: some who ask, some faults, perhaps a stranger. The same seed gives the same run.
import { hasTags, providerNames } from '../../lib/provider-table.ts';
import { type Random, random } from '../doubles/random.ts';
import { asks, reconciles, recovers } from './callers.ts';
import { byChance, everyCall, type Fault, type FaultPlan, importCalls } from './faults.ts';
import { imports } from './imports.ts';
import { arrivesOld, lateCalls, otherStore } from './other-stores.ts';
import { comes, finished, type Kind, type Run } from './run.ts';
import { secretsGoLate } from './secrets-late.ts';
import { strangerComes } from './stranger.ts';
import { type World, world } from './world.ts';

/** A cloud's clock, which is still within every signature window. */
const minutesOff = [-240_000, -60_000, 60_000, 120_000, 240_000];

const outages: readonly (readonly Fault[])[] = [
  [{ kind: 'fails' }],
  [{ kind: 'request lost' }],
  [{ kind: 'throttled' }],
  [{ kind: 'fails after' }],
  [{ kind: 'fails' }, { kind: 'fails after' }, { kind: 'answer lost' }, { kind: 'late', byMs: 200_000 }],
];

export function randomRun(
  seed: number,
  { windows = false, elsewhere = false, importing = false }: Kind = {},
): Promise<Run> {
  const chance = random(seed ^ 0x5eed);
  const provider = chance.pick(windows ? (['ens', 'ecs'] as const) : providerNames);
  const calls = importing ? importCalls : everyCall;
  const all = world(seed, provider, byChance(random(seed + 1), calls), chance.chance(0.1) && !(importing && windows));
  if (importing) imports(all, random(seed + 10), windows);
  const { cloud, line, names, scheduler } = all;
  all.callersRead = seed % 2 === 0;
  cloud.lagMs = chance.pick([0, 0, 5_000, 25_000]);
  cloud.skewMs = chance.pick(windows ? [0, -4_000, 4_000] : [0, 0, -4_000, 4_000, ...minutesOff]);
  cloud.undated = hasTags(provider) && chance.chance(0.1);
  cloud.strangersLag = windows;
  if (elsewhere) otherStore(all, random(seed + 7), [3, 4, 10]);
  secretsGoLate(all, random(seed + 6));
  // Some runs are about the horizon of what was begun first, when much else goes on.
  const busy = chance.chance(elsewhere ? 0.5 : 0.15);
  const later = () =>
    busy
      ? chance.pick([0, 1_150_000, 1_200_000, 1_250_000]) + chance.below(50_000)
      : chance.pick([0, 50, 1_500, 40_000, 120_000, 400_000, 1_050_000, 1_300_000]) + chance.below(50);
  const at = (ms: number, act: () => unknown) => comes(all, ms, act);

  const first = windows && chance.chance(0.5) ? 5_000 : 0;
  if (first > 0) strangerComes(all, names[0], 'makes', chance.below(first), true); // before us, and may not show yet
  for (let i = 1 + chance.below(busy ? 6 : 4); i > 0; i -= 1) {
    const [trigger, request] = [chance.pick(['http', 'queue'] as const), chance.chance(0.15) ? 1 : 0];
    const named = i > 1 && chance.chance(0.2) ? names[1] : names[0];
    at(i === 1 ? first : later(), () => asks(all, named, `${trigger}${i}`, trigger, request));
  }
  for (let i = chance.below(busy ? 9 : 3); i > 0; i -= 1) at(later(), () => void recovers(all, `scheduled${i}`));
  for (let i = chance.pick([0, 0, 0, 1, 2]); i > 0; i -= 1) at(later(), () => void reconciles(all, `reconciler${i}`));
  if (chance.chance(0.4)) {
    for (let i = 1 + chance.below(3); i > 0; i -= 1) {
      const act = chance.pick(['makes', 'makes', 'deletes', 'deletes', 'replaces', 'keeps a secret'] as const);
      const named = chance.chance(0.1) ? names[1] : names[0];
      strangerComes(all, named, act, chance.chance(0.5) ? later() : chance.pick(calls), windows);
    }
  }
  if (windows)
    strangerComes(
      all,
      names[0],
      'replaces',
      provider === 'ens' ? (importing ? 'cloud.import' : 'cloud.create') : 'cloud.remove',
      true,
    );
  if (chance.chance(0.25)) {
    const [port, fromMs] = [chance.pick(['ledger', 'store', 'cloud', 'bus']), scheduler.nowMs + chance.below(60_000)];
    const untilMs = fromMs + chance.pick([3_000, 60_000, 600_000]);
    line.outage = { port, fromMs, untilMs, faults: chance.pick(outages) };
  }
  if (elsewhere && seed % 3 === 0)
    insists(all, random(seed + 8), ([chance, lateMs]) => lateCalls('store.put', all.line.plan, chance, lateMs, 0.7));
  if (importing && seed % 3 === 0)
    insists(all, random(seed + 11), ([chance, lateMs]) =>
      lateCalls('cloud.import', all.line.plan, chance, lateMs, 0.5),
    );
  if (elsewhere) arrivesOld(all, random(seed + 9));
  const again = `--runs 1 --seed ${seed}${windows ? ' --windows' : ''}${elsewhere ? ' --stores' : ''}${importing ? ' --import' : ''}`;
  return finished(all, { title: `seed ${seed}, ${provider}`, again });
}

/** Somebody who asks until there is a key, while what those before it have sent is on its way. */
function insists(all: World, chance: Random, late: (by: [Random, number]) => FaultPlan): void {
  all.line.plan = late([chance, chance.pick([400_000, 860_000])]);
  for (let i = 1; i <= 8; i += 1) comes(all, i * 130_000, () => asks(all, all.names[0], `insists${i}`, 'once'));
}
