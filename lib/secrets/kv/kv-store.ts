// Private keys in OpenBao or Vault, KV version 2: one folder for a secret, one path for each attempt's key, one for the readers' copy, and
// a state that decides. deploy/policies/kv-keyvend.hcl has the rights that it needs.
import { type Clock, DAY_MS } from '../../clock.ts';
import { identityKey } from '../../identity.ts';
import { notStored, type SecretStore } from '../secret-store.ts';
import type { Kv } from './kv-calls.ts';
import { followCurrent, mendCopy, readersPath } from './kv-copy.ts';
import { keyIn } from './kv-key.ts';
import { list } from './kv-list.ts';
import { placeOf } from './kv-path.ts';
import { prepare, put } from './kv-put.ts';
import { remove } from './kv-remove.ts';
import { changeState, type KvScope, openState } from './kv-scope.ts';
import { isStored, storedSecret, withCurrent, withPending } from './kv-state.ts';

export interface KvStoreOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly deployment: string;
  /** Of the engine, as it was enabled. */
  readonly mount: string;
  /** The folder in it. */
  readonly prefix: string;
  /** For how many days a removed version can be undeleted, 0 or more. Default 30. */
  readonly recoveryWindowDays?: number;
}

export function kvStore({ recoveryWindowDays = 30, ...options }: KvStoreOptions): SecretStore {
  if (!(recoveryWindowDays >= 0)) throw new TypeError('the recovery window is a number of days');
  const scope: KvScope = { ...options, recoveryWindowMs: recoveryWindowDays * DAY_MS, prepared: new Map() };
  const before = (moment: Parameters<Kv['signingBefore']>[0]): KvScope => ({
    ...scope,
    kv: scope.kv.signingBefore(moment),
  });

  return {
    prepare: (identity) => prepare(scope, identity),

    put: (identity, id, key, signBefore, keyPairId) => put(before(signBefore), identity, { id, key, keyPairId }),

    async find(identity) {
      const opened = await openState(scope, identity);
      const { state } = await mendCopy(scope, identity, opened);
      return storedSecret(identity, readersPath(scope, identity), state);
    },

    async makeCurrent(identity, id, from) {
      let isCurrent = true;
      const opened = await changeState(scope, identity, await openState(scope, identity), ({ state }, moved) => {
        isCurrent = isStored(state, id) && (state.current === id || state.current === from);
        return isCurrent && !(moved && state.current === id) ? withCurrent(state, id) : undefined;
      });
      if (isCurrent) await followCurrent(scope, identity, opened);
      return isCurrent;
    },

    async markPending(identity, id, signBefore) {
      const then = before(signBefore);
      await changeState(then, identity, await openState(then, identity), ({ at, state }) => {
        if (id !== undefined && !isStored(state, id)) throw notStored();
        return at === 0 ? undefined : withPending(state, id);
      });
    },

    async remove(identity, id) {
      scope.prepared.delete(identityKey(identity)); // what this process puts after that, it means to put
      await remove(scope, identity, id);
    },

    async restoreSecret() {}, // a version is removed by itself, and takes no other with it

    async reveal(identity, versionId) {
      const { state } = await openState(scope, identity);
      const id = versionId ?? state.current;
      if (id === undefined || !isStored(state, id)) return undefined;
      return keyIn((await scope.kv.read(placeOf(scope.prefix, identity).version(id))).data);
    },

    list: (cursor) => list(scope, cursor),

    async close() {}, // the transport is closed by whoever made it
  };
}
