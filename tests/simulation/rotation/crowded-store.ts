// Rotations that follow one another over a store that drops the earliest version of a secret, most of them cancelled, while what was sent to the
// store is late: as many versions as it has room for, and the key that counts is among the earliest.
import { deadlineIn } from '../../../lib/clock.ts';
import { providerNames } from '../../../lib/provider-table.ts';
import { advance } from '../../../lib/vending/rotation/advance.ts';
import { setPolicy } from '../../../lib/vending/rotation/rotation-commands.ts';
import { idAt } from '../../doubles/pair-mark.ts';
import { type Random, random } from '../../doubles/random.ts';
import { byChance, type FaultPlan, none, rotationCalls } from '../faults.ts';
import { arrivesOld, lateCalls } from '../other-stores.ts';
import { acts, asks, at, cancels } from './actors.ts';
import { finished, quiet, type RotationRun, recordOf, recovers } from './quiet.ts';
import { type Scene, scene } from './scene.ts';

const MINUTE = 60_000;

export async function crowdedStore(seed: number): Promise<RotationRun> {
  const chance = random(seed ^ 0x0c0de);
  const provider = chance.pick(providerNames);
  const all = await scene(seed, provider, 0, 1, undefined, false, undefined, true);
  const { line, scheduler } = all.all;
  line.plan = chance.chance(0.5) ? byChance(random(seed + 1), rotationCalls) : none;
  const apartMs = chance.pick([2 * MINUTE, 3 * MINUTE]);
  hurried(all, chance, [apartMs], chance.pick([10, 14]));
  // Something has the first pair, so its key lingers among the earliest versions.
  const keeps = (await recordOf(all)).versions.at(-1);
  if (keeps !== undefined && chance.chance(0.5)) all.all.cloud.attach(idAt(all.all.cloud, keeps), 'i-kept');
  await scheduler.run(scheduler.nowMs + 16 * apartMs);
  await quiet(all);
  return finished(all, {
    title: `crowded store, seed ${seed}, ${provider}`,
    again: `--rotation --stores --runs 1 --seed ${seed}`,
  });
}

/** @param apart some of the times from one rotation to the next @param count of rotations */
export function hurried(all: Scene, chance: Random, apart: readonly number[], count = chance.pick([3, 6, 12])): void {
  const { line } = all.all;
  const plan = chance.chance(0.5) ? line.plan : none;
  const lateMs = chance.pick([undefined, 110_000, 400_000, 860_000]);
  line.plan = chance.chance(0.5) ? lateLabel(plan, chance, lateMs) : lateCalls('store.put', plan, chance, lateMs, 0.4);
  // What is promoted a moment after another moves the label while the first move is still on its way.
  if (chance.chance(0.5))
    acts(all, 10, 'hurries all', async (ports) =>
      setPolicy(ports, all.identity, { ...(await recordOf(all)).policy, overlapDays: 0 }),
    );
  const cancelled = chance.pick([0.3, 0.8]);
  // While a key is being stored, so that it is there and never counts.
  let nth = 0;
  line.signed.push((call) => {
    if (call !== 'store.put' || !chance.chance(cancelled)) return;
    nth += 1;
    cancels(all, 1 + chance.below(300), `cancels hurried${nth}`);
  });
  arrivesOld(all.all, random(chance.below(2 ** 31)));
  const apartMs = chance.pick(apart);
  for (let i = count; i > 0; i -= 1) {
    asks(all, i * apartMs, `hurries${i}`);
    // By themselves they would come again only after minutes.
    for (let ms = i * apartMs + 500, pass = 1; ms < (i + 1) * apartMs; ms += Math.ceil(apartMs / 6), pass += 1) {
      acts(all, ms, `hurried worker${i} ${pass}`, (ports) =>
        advance(ports, all.identity, deadlineIn(ports.clock, 290_000), () => {}),
      );
      if (pass % 3 === 0) at(all, ms + 2_000, () => recovers(all, `hurried recovery${i} ${pass}`));
    }
  }
}

/** One move of the label arrives when others have moved it since. */
function lateLabel(plan: FaultPlan, chance: Random, lateMs: number | undefined): FaultPlan {
  let before = 1 + chance.below(3);
  return {
    at(who, step, call) {
      if (call !== 'store.makeCurrent' || lateMs === undefined || before === 0) return plan.at(who, step, call);
      before -= 1;
      return before === 0 ? { kind: 'late', byMs: lateMs } : plan.at(who, step, call);
    },
  };
}
