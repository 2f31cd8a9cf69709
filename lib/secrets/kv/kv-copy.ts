// The readers' copy: the current key under a path that does not change, for people whose rights are to that path alone.
//
// It follows the state. `moves` counts how often `current` has moved, the copy says up to which move it has followed, and it is written by
// check-and-set over one that has followed less far; so a late writer is refused, and an older key never comes back. Where a process dies
// between state and copy, `copied` is behind `moves`, and whoever next stores, removes, finds or makes current in that secret mends it.
import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import type { Fields } from './kv-http.ts';
import { KEY_FIELD, keyIn } from './kv-key.ts';
import { type KvPlace, placeOf } from './kv-path.ts';
import { busy, type KvScope, type Opened, openState, ROUNDS, saveState } from './kv-scope.ts';
import type { State } from './kv-state.ts';

/** What a reader needs: mount and path, as `bao kv get` takes them together. */
export const readersPath = ({ mount, prefix }: Pick<KvScope, 'mount' | 'prefix'>, identity: Identity): string =>
  `${mount}/${placeOf(prefix, identity).current}`;

/** @returns the state as it is then */
export async function followCurrent(scope: KvScope, identity: Identity, from: Opened): Promise<Opened> {
  const { kv, prefix } = scope;
  const place = placeOf(prefix, identity);
  let opened = from;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (round > 0) {
      await kv.pause(round);
      opened = await openState(scope, identity);
    }
    const { state } = opened;
    if (state.copied >= state.moves) return opened;
    const version = await copied(scope, place, state);
    if (version === undefined) continue;
    // Earlier keys go for good. Not by `max_versions`: of the mount's and a path's own, the server takes the larger.
    await kv.destroy(place.current, version);
    const saved = await saveState(scope, identity, opened, { ...state, copied: state.moves });
    if (saved !== undefined) return saved;
  }
  throw busy();
}

/** @returns the number of a copy that has followed so far; undefined where the state has to be read again */
async function copied({ kv }: KvScope, place: KvPlace, state: State): Promise<number | undefined> {
  const standing = await kv.read(place.current);
  const followed = Number(standing.data?.moves ?? -1);
  if (followed === state.moves) return standing.version;
  if (followed > state.moves) return undefined;
  const key = state.current === undefined ? undefined : keyIn((await kv.read(place.version(state.current))).data);
  const data: Fields = {
    moves: state.moves,
    ...(key === undefined ? { note: 'no key is current' } : { [KEY_FIELD]: key.reveal(), version: state.current }),
  };
  const written = await kv.write(place.current, data, standing.version);
  return 'version' in written ? written.version : undefined;
}

/** For whoever is about something else: where the copy cannot be written now, the next one does it. */
export const mendCopy = (scope: KvScope, identity: Identity, opened: Opened): Promise<Opened> =>
  followCurrent(scope, identity, opened).catch((error: unknown) => {
    if (error instanceof VendingError) return opened;
    throw error;
  });
