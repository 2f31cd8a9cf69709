// Storing a key: first the key, on a path of its own, then the state that says so. A key that no state tells of does not count.
import { VendingError } from '../../errors.ts';
import { type Identity, identityKey } from '../../identity.ts';
import type { Secret } from '../../secret.ts';
import type { StoredKey } from '../secret-store.ts';
import type { KvDocument } from './kv-calls.ts';
import { mendCopy, readersPath } from './kv-copy.ts';
import { purge } from './kv-grave.ts';
import { isOther, isStone, keyData, keyIn } from './kv-key.ts';
import { placeOf } from './kv-path.ts';
import { busy, changeState, type KvScope, type Opened, openState, ROUNDS, unknownOnce } from './kv-scope.ts';
import { entryOf, isStored, type State, withStored } from './kv-state.ts';

const MOST_PREPARED = 1_000;

/**
 * See `SecretStore.prepare`. The state is written even where it stays as it is: only that shows that it can be. A put that follows begins
 * with what was written here, so an attempt that was settled since then is not revived by it, however long its process stood still.
 */
export async function prepare(scope: KvScope, identity: Identity): Promise<void> {
  const { prepared } = scope;
  const written = await changeState(scope, identity, await openState(scope, identity), ({ state }) => state);
  if (prepared.size >= MOST_PREPARED) prepared.clear(); // for puts that never came; the next put looks for itself
  prepared.set(identityKey(identity), await purge(scope, identity, written));
}

export interface NewVersion {
  readonly id: string;
  readonly key: Secret;
  readonly keyPairId?: string | undefined;
}

/** See `SecretStore.put`. */
export async function put(scope: KvScope, identity: Identity, version: NewVersion): Promise<StoredKey> {
  const { clock, prepared } = scope;
  const { id, keyPairId } = version;
  const began = prepared.get(identityKey(identity)) ?? (await begun(scope, identity));
  let wrote = false;
  let settled = false;
  let opened = began;
  await unknownOnce(
    () => wrote,
    async () => {
      opened = await changeState(scope, identity, began, async ({ state }, moved) => {
        settled = isSettled(began, state, id);
        const did = settled ? 'nothing' : await keep(scope, identity, began, version, isStored(state, id));
        wrote ||= did === 'wrote';
        settled ||= did === 'settled';
        // Somebody has stored it since this call began: what was sent before that has met another state, and is refused.
        if (settled || (moved && isStored(state, id))) return undefined;
        return withStored(state, id, clock.wallMs(), keyPairId);
      });
    },
  );
  // For good: it was removed since this put, or its prepare, began. What was written of it is under the removal's stone.
  if (settled) throw new VendingError('STORE_REFUSED', 'The version was removed while it was being stored');
  prepared.delete(identityKey(identity));
  await mendCopy(scope, identity, opened); // the key is stored, whatever becomes of that
  return { reference: readersPath(scope, identity), current: opened.state.current === id };
}

/** There is a state before there is a key: where there is none, no request of ours to store one is on its way. */
const begun = async (scope: KvScope, identity: Identity): Promise<Opened> =>
  changeState(scope, identity, await openState(scope, identity), ({ at, state }) => (at === 0 ? state : undefined));

const isSettled = (began: Opened, state: State, id: string): boolean => {
  const removal = entryOf(state, id)?.removed?.by;
  return removal !== undefined && removal !== entryOf(began.state, id)?.removed?.by;
};

/**
 * Writes the key to its path. One that is there already, and not stored, is written once more, in its own place: a removal that is still on
 * its way to it is then refused.
 * @throws {VendingError} VERSION_TAKEN
 */
async function keep(
  scope: KvScope,
  identity: Identity,
  began: Opened,
  { id, key, keyPairId }: NewVersion,
  stored: boolean,
): Promise<'wrote' | 'nothing' | 'settled'> {
  const path = placeOf(scope.prefix, identity).version(id);
  const known = entryOf(began.state, id) !== undefined;
  let standing: KvDocument = known || stored ? await scope.kv.read(path) : { version: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    await scope.kv.pause(round);
    if (isOther(standing.data, key))
      throw new VendingError('VERSION_TAKEN', 'Another key is stored under this version');
    if (stored && keyIn(standing.data) !== undefined) return 'nothing';
    // A stone is laid after the state was written that goes with it.
    if (isStone(standing.data) && isSettled(began, (await openState(scope, identity)).state, id)) return 'settled';
    const written = await scope.kv.write(path, keyData(key, keyPairId), standing.version);
    if ('version' in written) return 'wrote';
    standing = written.standing;
  }
  throw busy();
}
