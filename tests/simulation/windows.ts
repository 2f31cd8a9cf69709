// The two windows that cannot be closed from outside (docs/reliability.md), told apart from all else that can go wrong.
import type { Identity } from '../../lib/identity.ts';
import { rowOf } from '../../lib/provider-table.ts';
import type { Removal } from '../doubles/memory-cloud.ts';
import type { World } from './world.ts';

/**
 * - `same name`: a stranger's untagged pair, made between our look at the free name and the last moment our create
 *   could land, was taken for ours (ENS)
 * - `replaced`: a stranger's pair replaced ours between our last look and our delete by name (ECS)
 */
export type Window = 'same name' | 'replaced';
export type Windows = Readonly<Record<Window, number>>;

/** In which of them a stranger's pair was removed; undefined in neither: then nothing excuses it. */
export async function windowOf(
  { cloud, ledger, line, processes }: World,
  identity: Identity,
  { pair, by, askedAtMs, sawAtMs }: Removal,
): Promise<Window | undefined> {
  const lagMs = cloud.strangersLag ? cloud.lagMs : 0;
  if (cloud.provider === 'ecs') return pair.createdAtMs > sawAtMs - lagMs ? 'replaced' : undefined;
  if (cloud.provider !== 'ens') return undefined;
  // It was told that its own create made nothing.
  const told = processes.find(({ name }) => name === by)?.taken.get(identity.name);
  if (told !== undefined && told <= askedAtMs) return undefined;
  // That a create was refused may have been filed when the pair was gone already.
  const filedLate = line.trace.some((what) => /ledger\.fileAttempt of \S+ arrives (late|once more)/.test(what));
  const shownMs = pair.createdAt.getTime();
  for (const { absentAt, createdByMs, outcome } of ledger.everFiled(identity).values()) {
    // Only what the cloud itself has told, to somebody who found the name free.
    if (
      absentAt === undefined ||
      (outcome === 'refused' && !filedLate) ||
      !cloud.seenFree.get(identity.name)?.has(absentAt)
    )
      continue;
    const after = shownMs + rowOf(cloud.provider).createdAtPrecisionMs > Date.parse(absentAt);
    if (after && shownMs <= createdByMs + 15 * 60_000) return 'same name';
  }
  return undefined;
}
