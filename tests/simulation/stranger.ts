// Somebody else in the same account, who makes and deletes key pairs of the very name. Two windows cannot be closed
// from outside (docs/reliability.md): runs are kept out of them, but for those that enter them on purpose and count
// what happens.
import { hasTags } from '../../lib/provider-table.ts';
import { DEPLOYMENT_TAG } from '../../lib/vending/ownership.ts';
import { STRANGER } from '../doubles/memory-cloud.ts';
import { network } from './scheduler.ts';
import { type Name, settings, type World } from './world.ts';

export type Act = 'makes' | 'deletes' | 'replaces' | 'keeps a secret';

/** When: that long from now, or as soon as a request of that kind is signed. @param windows as in `randomRun` */
export function strangerComes(world: World, named: Name, act: Act, when: number | string, windows = false): void {
  const { line, scheduler } = world;
  if (typeof when === 'number') {
    void scheduler.point(network, when).then(() => strangerActs(world, named, act, windows));
    return;
  }
  let come = false;
  line.signed.push((call) => {
    if (come || call !== when) return;
    come = true;
    void strangerActs(world, named, act, windows);
  });
}

async function strangerActs(world: World, name: Name, act: Act, windows: boolean): Promise<void> {
  const { cloud, line, scheduler } = world;
  const { identity } = name;
  const { region } = identity;
  if (act === 'keeps a secret') {
    if ((await world.store.find(identity).catch(() => undefined)) !== undefined) return;
    await world.theirStore.put(identity, 'theirs', { reveal: () => 'theirs' } as never).catch(() => {});
    name.strangersSecret = (await world.theirStore.find(identity).catch(() => undefined)) !== undefined;
    return line.note(STRANGER, 'keeps a secret of that name');
  }
  const pair = cloud.pairs.find((one) => one.name === identity.name);
  if (act !== 'makes' && pair !== undefined) {
    cloud.remove(pair, STRANGER, { askedAtMs: scheduler.nowMs, sawAtMs: scheduler.nowMs });
    line.note(STRANGER, `deletes ${pair.id}`);
  }
  if (act === 'deletes') return;
  if (!windows && (await inWindow(world, name))) return;
  if (cloud.pairs.some((one) => one.name === identity.name)) return;
  // The deployment's mere name is no secret, and anybody may set it as a tag.
  const tags = hasTags(cloud.provider) ? { tags: { [DEPLOYMENT_TAG]: settings.deployment } } : {};
  line.note(STRANGER, `makes ${cloud.create({ region, name: identity.name, ...tags }, STRANGER).id}`);
}

/**
 * Whether a pair made now could be taken for ours: without tags, when an attempt was or may be about to be made; by its
 * name, when a delete is or may be on its way.
 */
async function inWindow({ cloud, ledger, line, processes, scheduler }: World, { identity }: Name): Promise<boolean> {
  if (cloud.provider === 'cvm') return false;
  const looked = processes.some(({ alive, looksAt }) => alive && looksAt.has(identity.name));
  if (looked || underWay(line, 'cloud.remove') || underWay(line, 'ledger.fileAttempt')) return true;
  if (cloud.provider === 'ecs') return false;
  const attempts = [...(await ledger.attempts(identity)).values()];
  return attempts.some(({ createdByMs }) => scheduler.nowMs <= createdByMs + 16 * 60_000 + Math.abs(cloud.skewMs));
}

const underWay = (line: World['line'], call: string): boolean => (line.underWay.get(call) ?? 0) > 0;
