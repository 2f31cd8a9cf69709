// Who asks: a portal over HTTP, which tries again when it is told to, and a queue, which delivers until a message is
// done. And who comes by schedule: recovery, and whoever reconciles.
import { deadlineIn } from '../../lib/clock.ts';
import { failures, VendingError } from '../../lib/errors.ts';
import { type Identity, identityKey } from '../../lib/identity.ts';
import type { Ports } from '../../lib/vending/ports.ts';
import { reconcile } from '../../lib/vending/reconcile.ts';
import { recover } from '../../lib/vending/recover.ts';
import { vend } from '../../lib/vending/vend.ts';
import { ownKeys } from '../doubles/key-pairs.ts';
import { markOf } from '../doubles/pair-mark.ts';
import type { Process } from './process.ts';
import { brokenAtAnswer, brokenAtFailure } from './promises.ts';
import { network } from './scheduler.ts';
import type { Name, World } from './world.ts';

/** Different numbers are different requests for the same name. */
const requests = [{ tags: { team: 'platform' } }, { tags: { team: 'network' } }] as const;

const patience = {
  http: { tries: 3, answerMs: 28_500, goneMs: 30_000 },
  queue: { tries: 4, answerMs: 28_000, goneMs: 180_000 },
  once: { tries: 1, answerMs: 28_500, goneMs: 30_000 },
} as const;
/** `once` is a portal that does not ask again by itself. */
export type Trigger = keyof typeof patience;

export async function asks(world: World, named: Name, who: string, trigger: Trigger, request = 0): Promise<void> {
  const { scheduler, told, line } = world;
  const { identity, acknowledged, broken } = named;
  const { tries, answerMs, goneMs } = patience[trigger];
  for (let tried = 1; tried <= tries; tried += 1) {
    const { process, ports } = world.worker(`${who}.${tried}`, world.callersRead);
    const { tags } = requests[request]!;
    const key = world.own.callersKey ? { publicKey: ownKeys[request]!.publicKey } : {};
    const order = { identity, request: identity.provider === 'ens' ? key : { tags, ...key }, caller: trigger };
    const work = vend(ports, { ...order, admit: admittedBy(ports, identity), deadline: deadlineIn(process, answerMs) });
    const done = () => process.done();
    work.then(done, done);
    const outcome = await inTime(world, work, goneMs);
    if (outcome === 'gone') continue;
    if ('done' in outcome) {
      const { created: _, ...pair } = outcome.done;
      line.note(who, `is answered ${markOf(pair)}`);
      told.push(JSON.stringify(outcome.done));
      acknowledged.push({ ...pair, request });
      broken.push(...(await brokenAtAnswer(world, identity, outcome.done)));
      return;
    }
    const { error } = outcome;
    told.push(asLogged(error));
    line.note(who, `is told ${error instanceof VendingError ? error.code : String(error)}`);
    broken.push(...brokenAtFailure(world, process, error));
    if (!(error instanceof VendingError) || !failures[error.code].retry) return;
    await scheduler.point(network, error.retryAfterMs ?? 30_000);
  }
}

/** Among those of a grant. */
export function admittedBy(
  { ledger }: Ports,
  identity: Identity,
): () => Promise<{ group: string; most: number } | undefined> {
  const group = 'access/team';
  return async () => ((await ledger.claimable(group, identityKey(identity), 5)) ? { group, most: 5 } : undefined);
}

/** A caller does not wait for ever; what it gave up may still go on. */
export async function inTime<T>(world: World, work: Promise<T>, ms: number) {
  const timer = world.scheduler.timer(ms);
  const outcome = await Promise.race([
    work.then(
      (done) => ({ done }),
      (error: unknown) => ({ error }),
    ),
    timer.over.then(() => 'gone' as const),
  ]);
  timer.cancel();
  return outcome;
}

/** One call of the scheduled recovery. @returns whose work it is, and when that is over; never, if it dies */
export function recovers(world: World, who: string): { readonly process: Process; readonly work: Promise<void> } {
  const { process, ports } = world.worker(who);
  return { process, work: recovering(world, process, ports) };
}

async function recovering(world: World, process: Process, ports: Ports): Promise<void> {
  const failed = (error: unknown) => void world.told.push(asLogged(error));
  await recover(ports, { until: deadlineIn(process, 290_000), failed }).catch(failed);
  process.done();
}

/** Somebody has ledger, cloud and store compared in full, and what disagrees settled. */
export async function reconciles(world: World, who: string): Promise<void> {
  const { process, ports } = world.worker(who);
  const told = await reconcile(ports, world.place, { fix: true }).then(JSON.stringify, asLogged);
  world.told.push(told);
  world.line.note(who, `finds ${told}`);
  process.done();
}

/** Everything a log can print of it. */
export function asLogged(error: unknown): string {
  const { cause } = error as Error;
  return [error, cause].map((one) => `${String(one)} ${JSON.stringify(one)}`).join(' because of ');
}
