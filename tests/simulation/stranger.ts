// Somebody else in the same account, who makes and deletes key pairs of the very name. Two windows cannot be closed from outside
// (docs/reliability.md): runs are kept out of them, but for those that enter them on purpose and count what happens.
import type { World } from './world.ts';

export async function strangerActs(
  world: World,
  act: 'makes' | 'deletes' | 'keeps a secret',
  windows: boolean,
): Promise<void> {
  const { cloud, identity, line } = world;
  if (act === 'keeps a secret') {
    if ((await world.store.find(identity).catch(() => undefined)) !== undefined) return;
    await world.theirStore.put(identity, 'theirs', { reveal: () => 'theirs' } as never).catch(() => {});
    world.strangersSecret = (await world.theirStore.find(identity).catch(() => undefined)) !== undefined;
    return line.note('stranger', 'keeps a secret of that name');
  }
  if (act === 'deletes') {
    const pair = cloud.pairs.find(({ name }) => name === identity.name);
    if (pair === undefined) return;
    cloud.remove({ id: pair.id, name: pair.name }, 'stranger');
    return line.note('stranger', `deletes ${pair.id}`);
  }
  if (!windows && (await inWindow(world))) return;
  if (cloud.pairs.some(({ name }) => name === identity.name)) return;
  line.note('stranger', `makes ${cloud.create({ region: identity.region, name: identity.name }, 'stranger').id}`);
}

/** Whether a pair made now could be taken for ours: untagged and in an attempt's time, or where a delete by name may be on its way. */
async function inWindow({ cloud, identity, ledger, processes, scheduler }: World): Promise<boolean> {
  const looking = processes.some(({ alive, looksAt }) => alive && looksAt === identity.name);
  const attempts = [...(await ledger.attempts(identity)).values()];
  const open = (await ledger.read(identity))?.record.attempt;
  if (cloud.provider === 'ens') {
    return looking || attempts.some(({ createdByMs }) => scheduler.nowMs <= createdByMs + 16 * 60_000);
  }
  return cloud.provider === 'ecs' && (looking || (open?.deletingUntilMs ?? 0) + 60_000 >= scheduler.nowMs);
}
