// Where removed keys are: under a stone, deleted, and destroyed once the recovery window is over and their secret is written again. The
// stones stay for good.
import type { Identity } from '../../identity.ts';
import type { KvDocument } from './kv-calls.ts';
import { isStone, stoneFor } from './kv-key.ts';
import { placeOf } from './kv-path.ts';
import { type KvScope, type Opened, saveState } from './kv-scope.ts';

/** So many at a time: whoever wants to store a key waits for it. */
const MOST = 5;

/** @returns the state as it is now; where somebody else changes it meanwhile, the rest is left to the next one */
export async function purge(scope: KvScope, identity: Identity, opened: Opened): Promise<Opened> {
  const { kv, clock, prefix, recoveryWindowMs } = scope;
  const place = placeOf(prefix, identity);
  const until = clock.wallMs() - recoveryWindowMs;
  const due = opened.state.versions
    .filter(({ removed }) => removed !== undefined && removed.atMs <= until)
    .slice(0, MOST);
  if (due.length === 0) return opened;
  const standing = await Promise.all(due.map(({ id }) => kv.read(place.version(id))));
  // A removal that was cut short has left its key without a stone. The state is written after the look and before the stone, as in a removal.
  const bare = standing.some(({ data }) => !isStone(data));
  const fenced = bare ? await saveState(scope, identity, opened, opened.state) : opened;
  if (fenced === undefined) return opened;
  const gone = new Set<string>();
  for (const [i, { id }] of due.entries()) {
    const { version, data } = standing[i]!;
    const path = place.version(id);
    if (!isStone(data) && !(await bury(scope, path, standing[i]!))) continue;
    await kv.destroy(path, isStone(data) ? version : version + 1); // whatever is under the stone
    gone.add(id);
  }
  const versions = fenced.state.versions.filter(({ id }) => !gone.has(id));
  return (await saveState(scope, identity, fenced, { ...fenced.state, versions })) ?? fenced;
}

/**
 * A stone is laid on a stone as well: a put that found the first one may have been cut short, and its key be on its way.
 * @returns whether it is there; otherwise somebody has written something else to that path
 */
export async function bury({ kv }: KvScope, path: string, standing: KvDocument): Promise<boolean> {
  const written = await kv.write(path, stoneFor(standing.data), standing.version);
  if (!('version' in written)) return false;
  await kv.softDelete(path, written.version);
  return true;
}
