// How every run of a rotation ends: no new faults, every machine is up, and recovery and rotation's workers come
// whenever something is due, until nothing is.
import { deadlineIn } from '../../../lib/clock.ts';
import { sharing } from '../../../lib/vending/own-secret.ts';
import type { KeyPairRecord } from '../../../lib/vending/record.ts';
import { recover } from '../../../lib/vending/recover.ts';
import { restore } from '../../../lib/vending/retire.ts';
import { hostName } from '../../../lib/vending/rotation/policy.ts';
import { cancelRotation, waiveHost } from '../../../lib/vending/rotation/rotation-commands.ts';
import { isOver, isUnderWay } from '../../../lib/vending/rotation/rotation-record.ts';
import { withSchedule } from '../../../lib/vending/rotation/rotation-schedule.ts';
import { STRANGER } from '../../doubles/memory-cloud.ts';
import { isMarked, markOf } from '../../doubles/pair-mark.ts';
import { none } from '../faults.ts';
import { lostKeys } from '../imports.ts';
import type { Run } from '../run.ts';
import { defaults, during, isTheirs, lets, type Scene, successorsOf } from './scene.ts';
import { verdict } from './verdict.ts';

export const recordOf = async ({ all, identity }: Scene): Promise<KeyPairRecord> =>
  (await all.ledger.read(identity))!.record;

export interface RotationRun extends Run {
  readonly rotated: number;
}

export async function finished(scene: Scene, words: Pick<Run, 'title' | 'again'>): Promise<RotationRun> {
  const violations = await verdict(scene);
  const { rotations = [] } = await recordOf(scene);
  const { line, processes } = scene.all;
  return {
    ...words,
    violations,
    windows: { 'same name': 0, replaced: 0 },
    lost: lostKeys(scene.all),
    acknowledged: 0,
    ...(scene.all.reached && { reached: scene.all.reached }),
    rotated: rotations.filter(({ state }) => state === 'purged').length,
    calls: new Map(processes.map(({ name, calls }) => [name, calls])),
    get trace() {
      return line.trace;
    },
  };
}

export async function recovers({ all: _, worker }: Scene, who: string): Promise<void> {
  const { process, ports } = worker(who);
  await recover(ports, { until: deadlineIn(process, 290_000) }).catch(() => {});
  process.done();
}

/** @param strangersGo whether whoever has taken a successor's name gives it up */
export async function quiet(scene: Scene, strangersGo = false): Promise<void> {
  const { scheduler, line, cloud } = scene.all;
  line.plan = none;
  line.note('all', 'from now on no new faults');
  for (const machine of scene.machines) machine.up = true;
  for (let round = 1; round <= 400; round += 1) {
    await scheduler.run(scheduler.nowMs + 60_000);
    if (scene.all.processes.reduce((sum, { calls }) => sum + calls.length, 0) > RESTLESS)
      return void scene.broken.add('P2: it comes to no rest');
    if (round % 30 === 0) await givesUp(scene);
    if (round === RELEASED) await released(scene);
    if (round === 5 && strangersGo) {
      for (const pair of cloud.pairs.filter(({ madeBy }) => madeBy === STRANGER)) {
        cloud.remove(pair, STRANGER, { askedAtMs: scheduler.nowMs, sawAtMs: scheduler.nowMs });
      }
    }
    const dueMs = await nextDue(scene);
    if (dueMs === undefined && scheduler.idle) {
      const { rotations = [] } = await recordOf(scene);
      if (rotations.every(isOver) && round > RELEASED) return;
      await givesUp(scene);
      continue;
    }
    if (dueMs === undefined) {
      await scheduler.run();
      continue;
    }
    // Past the clocks' differences; and no sooner than the next time that a schedule can bring it.
    const atMs = Math.max(dueMs + 25_000, scheduler.nowMs + 10_000);
    await scheduler.run(atMs);
    scheduler.nowMs = Math.max(scheduler.nowMs, atMs);
    let over = 0;
    const done = () => {
      over += 1;
    };
    void recovers(scene, `recovery0${round}`).then(done);
    void scene.rotates(`worker0${round}`).work.then(done);
    await scheduler.run(Number.POSITIVE_INFINITY, () => over === 2);
  }
}

/** A run takes a thousand calls, or some ten thousand: whatever takes as many as this would go on for ever. */
const RESTLESS = 200_000;
/** By then nothing that was sent is on its way any more. */
const RELEASED = 20;

/** What an instance has is whole, and can be restored; then every instance is released. */
async function released(scene: Scene): Promise<void> {
  const { all, identity, broken } = scene;
  const record = await recordOf(scene);
  const { versions, state, retirement, outgoing } = record;
  const { most = Number.POSITIVE_INFINITY } = all.storeLimits;
  const couldMove = outgoing?.pairs.some(({ held, ownSecret }) => held !== undefined && ownSecret?.state !== 'moved');
  if (state === 'active' && couldMove && sharing(record).length >= most)
    broken.add('P5: no rotation can begin, because no key that lingers is moved');
  const standing = versions.at(-1);
  const pair = standing && all.cloud.pairs.find((one) => isMarked(one, markOf(standing)));
  const isWhole = pair !== undefined && retirement?.goneId === undefined;
  if (isWhole && !all.cloud.letsGo && all.cloud.holdersOf(pair.id).length > 0 && state !== 'active') {
    const { process, ports } = scene.worker('owner');
    await during(all, async () => {
      await restore(ports, identity).catch((error: unknown) => {
        broken.add(`P5: a key pair that is whole cannot be restored: ${state}, ${String(error)}`);
      });
    });
    process.done();
  }
  for (const instances of all.cloud.bound.values()) for (const id of instances.keys()) all.cloud.release(id);
}

async function nextDue(scene: Scene): Promise<number | undefined> {
  const { ledger } = scene.all;
  const record = await recordOf(scene);
  const others = await Promise.all(successorsOf(record).map((name) => ledger.read({ ...scene.identity, name })));
  const records = [record, ...others.flatMap((filed) => (filed === undefined ? [] : [filed.record]))];
  const dues = records.flatMap(({ settleAtMs, announceAtMs, rotateAtMs }) => [settleAtMs, announceAtMs, rotateAtMs]);
  // Whether a stranger has gone from the name is asked for again daily, for ever.
  if (isTheirs(scene, record)) dues[2] = withSchedule(nameless(record), defaults, scene.all.scheduler.nowMs).rotateAtMs;
  return dues.filter((ms) => ms !== undefined).sort((a, b) => a - b)[0];
}

/** The operator does as the rotation asks: waives machines that nobody looks after, and cancels where none is left. */
async function givesUp(scene: Scene): Promise<void> {
  const { ports } = scene.worker('operator');
  const { rotations = [], policy, outgoing } = await recordOf(scene);
  // Whoever looks after the management key lets it edit where it was missed.
  if (scene.management !== undefined) {
    const { management } = scene;
    await during(scene.all, () => lets(ports, management, scene.machines));
  }
  // And what was forbidden by mistake is allowed again.
  for (const machine of scene.machines) machine.forbidden = false;
  const lost = scene.machines.filter(({ managed }) => !managed).map(({ host }) => host.host);
  const hosts = policy?.hosts ?? [];
  // What is on its way out may wait for them although all rotations are over: whichever is named, the waiver is for that, too.
  const open = rotations.filter((one) => !isOver(one));
  for (const rotation of open.length === 0 && outgoing !== undefined ? rotations.slice(-1) : open) {
    await during(scene.all, async () => {
      for (const host of hosts.filter((one) => lost.includes(one.host)))
        await waiveHost(ports, scene.identity, rotation.id, hostName(host));
      // AWS has given it up, too.
      const waits = rotation.driver === 'secrets-manager' && rotation.nextTryAtMs === undefined;
      if (waits && isUnderWay(rotation)) await cancelRotation(ports, scene.identity, rotation.id);
      else if (isUnderWay(rotation) && hosts.length > 0 && hosts.every(({ host }) => lost.includes(host)))
        await cancelRotation(ports, scene.identity, rotation.id);
    });
  }
}

const nameless = ({ nameSlot: _, ...record }: KeyPairRecord): KeyPairRecord => record;
