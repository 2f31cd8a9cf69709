// One run: some who ask, some faults, perhaps a stranger; then the faults stop, recovery runs until nothing is due, and the promises
// are looked at. The same options give the same run.
import type { ProviderName } from '../../lib/providers/provider.ts';
import { random } from '../random.ts';
import { asks, recovers, type Trigger, triggers } from './callers.ts';
import { byChance, type FaultPlan, none } from './faults.ts';
import { type Verdict, verdict } from './promises.ts';
import { network } from './scheduler.ts';
import { strangerActs } from './stranger.ts';
import { type World, world } from './world.ts';

export const providers = ['ens', 'ecs', 'cvm'] as const satisfies readonly ProviderName[];

export interface Run extends Verdict {
  readonly seed: number;
  readonly provider: ProviderName;
  readonly acknowledged: number;
  /** Port calls of all processes. */
  readonly steps: number;
  readonly trace: readonly string[];
}

/** A run as the seed makes it. @param windows lets strangers into the windows that cannot be closed */
export async function randomRun(seed: number, windows = false): Promise<Run> {
  const chance = random(seed ^ 0x5eed);
  const provider = chance.pick(providers);
  const all = world(seed, provider, byChance(random(seed + 1), chance.pick([0.02, 0.05, 0.15])));
  all.cloud.lagMs = chance.pick([0, 0, 5_000, 25_000]);
  all.cloud.strangersLag = windows;
  const later = () => chance.pick([0, 50, 1_500, 40_000, 120_000, 400_000]) + chance.below(50);
  const starts: Promise<unknown>[] = [];
  const at = (ms: number, act: () => Promise<unknown>) => starts.push(all.scheduler.point(network, ms).then(act));

  const askers = 1 + chance.below(4);
  for (let i = 1; i <= askers; i += 1) {
    const [trigger, request] = [chance.pick(triggers), chance.chance(0.15) ? 1 : 0];
    at(i === 1 ? 0 : later(), () => asks(all, `${trigger}${i}`, trigger, request));
  }
  for (let i = chance.below(3); i > 0; i -= 1) at(later(), () => recovers(all, `recovery${i}`));
  if (chance.chance(windows ? 1 : 0.4)) {
    for (let i = 1 + chance.below(3); i > 0; i -= 1) {
      const act = chance.pick(['makes', 'makes', 'deletes', 'deletes', 'keeps a secret'] as const);
      at(later(), () => strangerActs(all, act, windows));
    }
  }
  if (chance.chance(0.2)) {
    const [port, fromMs] = [chance.pick(['ledger', 'store', 'bus']), all.scheduler.nowMs + chance.below(60_000)];
    all.line.outage = { port, fromMs, untilMs: fromMs + chance.pick([3_000, 60_000, 600_000]) };
  }
  return finished(all, seed, windows);
}

/** One caller, and the faults a plan names. */
export async function plannedRun(
  seed: number,
  provider: ProviderName,
  trigger: Trigger,
  plan: FaultPlan,
): Promise<Run> {
  const all = world(seed, provider, plan);
  void asks(all, trigger, trigger, 0);
  return finished(all, seed, false);
}

async function finished(all: World, seed: number, windows: boolean): Promise<Run> {
  const { scheduler, line } = all;
  await scheduler.run();
  line.plan = none;
  line.outage = undefined;
  line.note('all', 'no more faults');
  for (let round = 1, quiet = 0; round <= 60 && quiet < 2; round += 1) {
    const dueMs = await nextDue(all);
    if (dueMs === undefined) quiet += 1;
    scheduler.nowMs = Math.max(scheduler.nowMs, dueMs ?? 0) + 25_000; // past the clocks' differences
    const { state, attempt } = (await all.ledger.read(all.identity))?.record ?? {};
    if (state === 'conflict' && attempt !== undefined && round > 30) break; // looked at again for as long as it lasts
    void recovers(all, `final${round}`);
    await scheduler.run();
  }
  const { violations, windows: entered } = await verdict(all);
  return {
    seed,
    provider: all.cloud.provider,
    // What happens in a window is counted, and what follows from it is not held against the promises.
    violations: windows && entered > 0 ? [] : violations,
    windows: entered,
    acknowledged: all.acknowledged.length,
    steps: all.processes.reduce((sum, { steps }) => sum + steps, 0),
    trace: line.trace,
  };
}

async function nextDue({ ledger, identity }: World): Promise<number | undefined> {
  const { settleAtMs, announceAtMs } = (await ledger.read(identity))?.record ?? {};
  const dues = [settleAtMs, announceAtMs].filter((ms) => ms !== undefined);
  return dues.length === 0 ? undefined : Math.min(...dues);
}
