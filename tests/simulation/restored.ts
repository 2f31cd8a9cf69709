// A ledger that is put back to an earlier moment, while the clouds and the secret store have gone on: it does not know of what was
// acknowledged since. It is fenced: nothing is made or deleted by it. Later a person confirms it, and even then nothing that was
// ever acknowledged is lost.
import { providerNames } from '../../lib/provider-table.ts';
import { publicKeyOf } from '../doubles/key-pairs.ts';
import { random } from '../doubles/random.ts';
import { asks, reconciles, recovers } from './callers.ts';
import { byChance } from './faults.ts';
import { comes, finished, type Run } from './run.ts';
import { type World, world } from './world.ts';

const MINUTE = 60_000;

export async function restoredRun(seed: number): Promise<Run> {
  const chance = random(seed ^ 0x4e57);
  const provider = chance.pick(providerNames);
  const all = world(seed, provider, byChance(random(seed + 1)));
  const { ledger, line, names, processes, scheduler } = all;
  all.cloud.lagMs = chance.pick([0, 0, 5_000, 25_000]);
  all.fenced = true;
  const restoredAtMs = chance.pick([3_000, 2 * MINUTE, 20 * MINUTE]);
  const confirmedAtMs = restoredAtMs + chance.pick([5_000, 3 * MINUTE, 40 * MINUTE]);

  let backup = ledger.backUp();
  comes(all, chance.below(restoredAtMs), () => {
    backup = ledger.backUp();
    line.note('all', 'the ledger is backed up');
  });
  let knows = false;
  let fencedFromMs = Number.POSITIVE_INFINITY;
  comes(all, restoredAtMs, () => {
    for (const process of processes) process.alive = false;
    knows = backup.remembered.has('deployment'); // else it is an empty ledger, and another deployment's from now on
    ledger.restore(backup);
    if (knows) fencedFromMs = scheduler.nowMs;
    line.note('all', 'the ledger is put back');
  });
  let fencedUntilMs = Number.POSITIVE_INFINITY;
  comes(all, confirmedAtMs, async () => {
    line.plan = { at: () => undefined };
    const { ports } = all.worker('operator');
    fencedUntilMs = scheduler.nowMs;
    await ports.deployment.confirm();
    line.note('all', 'a person confirms it');
  });
  const during = (): number => chance.below(confirmedAtMs + 30 * MINUTE);
  for (let i = 2 + chance.below(5); i > 0; i -= 1) {
    const named = names[chance.chance(0.3) ? 1 : 0];
    const fromMs = i === 1 ? chance.below(1_000) : during();
    void scheduler
      .point({ name: 'network', alive: true, frozenUntilMs: 0 }, fromMs)
      .then(() => asks(all, named, `http${i}`, chance.pick(['http', 'queue'] as const)));
  }
  for (let i = 3 + chance.below(6); i > 0; i -= 1) comes(all, during(), () => void recovers(all, `scheduled${i}`));
  for (let i = chance.below(3); i > 0; i -= 1) comes(all, during(), () => void reconciles(all, `reconciler${i}`));
  await scheduler.run(scheduler.nowMs + confirmedAtMs + 35 * MINUTE);

  const run = await finished(all, {
    title: `restored, seed ${seed}, ${provider}`,
    again: `--restored --runs 1 --seed ${seed}`,
  });
  const broken = [...(await lost(all)), ...deleted(all, fencedFromMs, fencedUntilMs)];
  return {
    ...run,
    violations: [...run.violations, ...broken],
    get trace() {
      return line.trace;
    },
  };
}

/** What was acknowledged, at whatever time, is there with its key. */
async function lost({ cloud, names, secrets, isOurs }: World): Promise<string[]> {
  const open = [...secrets.values()].flatMap(({ versions }) => [...versions.values()]);
  const stored = new Set(open.filter(({ removed }) => !removed).map(({ key }) => publicKeyOf(key)));
  const broken: string[] = [];
  for (const { keyPairId } of names.flatMap(({ acknowledged }) => acknowledged)) {
    const removal = cloud.removals.find(({ pair, by }) => pair.id === keyPairId && isOurs(by));
    if (removal !== undefined) broken.push(`P3: ${removal.by} removed ${keyPairId}, which was acknowledged`);
    const pair = cloud.pairs.find(({ id }) => id === keyPairId);
    if (pair !== undefined && !stored.has(pair.publicKey)) broken.push(`P3: the key of ${keyPairId} is gone`);
  }
  return broken;
}

/** Nothing is asked to be deleted while the ledger is fenced. */
const deleted = ({ cloud, isOurs }: World, fromMs: number, untilMs: number): string[] =>
  cloud.removals
    .filter(({ by, askedAtMs }) => isOurs(by) && askedAtMs > fromMs && askedAtMs < untilMs)
    .map(({ pair, by }) => `P3: ${by} removed ${pair.id} while the ledger was fenced`);
