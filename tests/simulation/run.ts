// How every run ends: when nobody is left who asks, the faults stop, recovery runs until nothing is due, and the
// promises are looked at.
import { setImmediate as turn } from 'node:timers/promises';
import { recovers } from './callers.ts';
import { type FaultPlan, none } from './faults.ts';
import { type Verdict, verdict } from './promises.ts';
import type { Reached } from './reached.ts';
import { network } from './scheduler.ts';
import type { World } from './world.ts';

export interface Run extends Verdict {
  readonly title: string;
  /** What has to be given to see it again. */
  readonly again: string;
  readonly acknowledged: number;
  /** Rotations that were carried through to the end. */
  readonly rotated?: number;
  /** What a store that is not like AWS's was brought to. */
  readonly reached?: Reached;
  /** What each process called through its ports, in the order in which the processes began. */
  readonly calls: ReadonlyMap<string, readonly string[]>;
  readonly trace: readonly string[];
}

/** What is not as deployed by default in whole runs. */
export interface Kind {
  /** Lets strangers into the windows that cannot be closed, on purpose. */
  readonly windows?: boolean;
  /** Over a store that is not like AWS's. */
  readonly elsewhere?: boolean;
  /** Keys are made here, stored, and imported. */
  readonly importing?: boolean;
}

/** Whoever acts is waited for, as far as that is possible: one who dies never ends. */
export function comes(all: World, inMs: number, act: () => unknown): void {
  all.expected += 1;
  const over = () => {
    all.expected -= 1;
  };
  void all.scheduler.point(network, inMs).then(act).then(over);
}

/** @param after the faults that recovery has */
export async function finished(all: World, words: Pick<Run, 'title' | 'again'>, after: FaultPlan = none): Promise<Run> {
  const { line, names, processes } = all;
  for (const one of [all, ...all.neighbours]) await recovered(one, after);
  if (all.neighbours.length > 0) await recovered(all, after); // what a neighbour removed last may have stood in the way
  const calls = new Map(processes.map(({ name, calls }) => [name, calls]));
  const acknowledged = names.reduce((sum, named) => sum + named.acknowledged.length, 0);
  const found = await verdict(all);
  const others = await Promise.all(all.neighbours.map(verdict));
  const windows = others.reduce(
    (sum, one) => ({
      'same name': sum['same name'] + one.windows['same name'],
      replaced: sum.replaced + one.windows.replaced,
    }),
    found.windows,
  );
  await turn(); // for whoever else uses this thread
  return {
    violations: [found, ...others].flatMap(({ violations }) => violations),
    lost: others.reduce((sum, { lost }) => sum + lost, found.lost),
    windows,
    ...words,
    ...(all.reached && { reached: all.reached }),
    acknowledged,
    calls,
    get trace() {
      return line.trace;
    },
  };
}

/** Recovery, whenever something is due, until nothing is and nothing is on its way any more. */
async function recovered(all: World, plan: FaultPlan): Promise<void> {
  const { scheduler, line } = all;
  await scheduler.run(Number.POSITIVE_INFINITY, () => [all, ...all.neighbours].every((one) => one.expected === 0));
  line.plan = plan;
  line.outage = undefined;
  line.note('all', 'from now on recovery alone');
  for (let round = 1, conflicts = 0; round <= 80 && conflicts < 3; round += 1) {
    let due = await nextDue(all);
    if (due === undefined) {
      await scheduler.run();
      due = await nextDue(all);
      if (due === undefined) return;
    }
    // Past the clocks' differences; and no sooner than the next time that the schedule can bring it.
    const atMs = Math.max(due.ms + 25_000, scheduler.nowMs + 10_000) + all.random.below(30_000);
    await scheduler.run(atMs);
    scheduler.nowMs = Math.max(scheduler.nowMs, atMs);
    const { process, work } = recovers(all, `recovery${round}`);
    let over = false;
    void work.then(() => {
      over = true;
    });
    await scheduler.run(Number.POSITIVE_INFINITY, () => over || !process.alive);
    // A conflict is looked at again for as long as it lasts; what stood in the way may be gone by now.
    const lasts = due.conflict && (await nextDue(all))?.conflict === true;
    conflicts = lasts && scheduler.idle ? conflicts + 1 : 0;
  }
}

async function nextDue({ ledger, names }: World): Promise<{ ms: number; conflict: boolean } | undefined> {
  const dues: { ms: number; conflict: boolean }[] = [];
  for (const { identity } of names) {
    const { settleAtMs, announceAtMs, state } = (await ledger.read(identity))?.record ?? {};
    if (settleAtMs !== undefined) dues.push({ ms: settleAtMs, conflict: state === 'conflict' });
    if (announceAtMs !== undefined) dues.push({ ms: announceAtMs, conflict: false }); // it is told once
  }
  return dues.sort((a, b) => a.ms - b.ms)[0];
}
