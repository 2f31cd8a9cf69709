// Removing a version: the state first, so that nobody gets it any more; then a stone in the key's place, by check-and-set, so that no put
// that was sent before can store it again; then the key itself is deleted, recoverably.
import type { Identity } from '../../identity.ts';
import { followCurrent } from './kv-copy.ts';
import { bury, purge } from './kv-grave.ts';
import { placeOf } from './kv-path.ts';
import { busy, type KvScope, type Opened, openState, ROUNDS, saveState, unknownOnce } from './kv-scope.ts';
import { isStored, withoutStored } from './kv-state.ts';

/** See `SecretStore.remove`. A version that was never put gets its stone, too: its put may still be on its way. */
export async function remove(scope: KvScope, identity: Identity, id: string): Promise<void> {
  let wrote = false;
  await unknownOnce(
    () => wrote,
    async () => {
      const opened = await removed(scope, identity, id, () => {
        wrote = true;
      });
      if (opened !== undefined) await purge(scope, identity, opened);
    },
  );
}

async function removed(
  scope: KvScope,
  identity: Identity,
  id: string,
  onWrite: () => void,
): Promise<Opened | undefined> {
  const { kv, clock, prefix } = scope;
  const place = placeOf(prefix, identity);
  let hasWritten = false;
  for (let round = 0; round < ROUNDS; round += 1) {
    await kv.pause(round);
    // In this order. A put writes the key and then the state that it had read before. So what is read here is either from before its key,
    // and then the stone is refused; or the state that is written below is from after it, and then the put's state is refused.
    const standing = await kv.read(place.version(id));
    const opened = await openState(scope, identity);
    if (hasWritten && isStored(opened.state, id)) return opened; // by a put that came after this removal
    const state = withoutStored(opened.state, id, clock.wallMs(), opened.at + 1);
    const saved = await saveState(scope, identity, opened, state);
    if (saved === undefined) continue;
    hasWritten = true;
    onWrite();
    const followed = await followCurrent(scope, identity, saved);
    if (await bury(scope, place.version(id), standing)) return followed;
  }
  throw busy();
}
