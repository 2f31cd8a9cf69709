// Who asks: a portal over HTTP, which tries again when it is told to, and a queue, which delivers until a message is done.
import { deadlineIn } from '../../lib/clock.ts';
import { failures, VendingError } from '../../lib/errors.ts';
import { recover } from '../../lib/vending/recover.ts';
import { type Vended, vend } from '../../lib/vending/vend.ts';
import { network } from './scheduler.ts';
import type { World } from './world.ts';

export const triggers = ['http', 'queue'] as const;
export type Trigger = (typeof triggers)[number];

/** Different numbers are different requests for the same name. */
const requests = [{ tags: { team: 'platform' } }, { tags: { team: 'network' } }] as const;

const patience = {
  http: { tries: 3, answerMs: 28_500, goneMs: 30_000 },
  queue: { tries: 4, answerMs: 28_000, goneMs: 180_000 },
} as const satisfies Record<Trigger, object>;

export async function asks(world: World, name: string, trigger: Trigger, request: number): Promise<void> {
  const { scheduler, identity, acknowledged, thrown, line } = world;
  const { tries, answerMs, goneMs } = patience[trigger];
  for (let tried = 1; tried <= tries; tried += 1) {
    const { process, parts } = world.worker(`${name}.${tried}`);
    const { tags } = requests[request]!;
    const order = { identity, request: identity.provider === 'ens' ? {} : { tags }, caller: trigger };
    const work = vend(parts, { ...order, deadline: deadlineIn(process, answerMs) });
    const over = () => {
      process.looksAt = undefined;
    };
    work.then(over, over);
    const outcome = await inTime(world, work, goneMs);
    if (outcome === 'gone') continue;
    if ('vended' in outcome) {
      const { keyPairId, fingerprint } = outcome.vended;
      line.note(name, `is answered ${keyPairId}`);
      return void acknowledged.push({ keyPairId, fingerprint, request, atMs: scheduler.nowMs });
    }
    const { error } = outcome;
    thrown.push(error);
    line.note(name, `is told ${error instanceof VendingError ? error.code : String(error)}`);
    if (!(error instanceof VendingError) || !failures[error.code].retry) return;
    await scheduler.point(network, error.retryAfterMs ?? 30_000);
  }
}

/** A caller does not wait for ever; what it gave up may still go on. */
async function inTime(world: World, work: Promise<Vended>, ms: number) {
  const timer = world.scheduler.timer(ms);
  const outcome = await Promise.race([
    work.then(
      (vended) => ({ vended }),
      (error: unknown) => ({ error }),
    ),
    timer.over.then(() => 'gone' as const),
  ]);
  timer.cancel();
  return outcome;
}

/** One call of the scheduled recovery. */
export async function recovers(world: World, name: string): Promise<void> {
  const { process, parts } = world.worker(name);
  const failed = (error: unknown) => void world.thrown.push(error);
  await recover(parts, { until: deadlineIn(process, 290_000), failed }).catch(failed);
  process.looksAt = undefined;
}
