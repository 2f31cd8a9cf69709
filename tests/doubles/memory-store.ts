// A secret store in memory, for tests and the simulation. It keeps the port's promises, and nothing across a restart.
import { VendingError } from '../../lib/errors.ts';
import { type Identity, identityKey } from '../../lib/identity.ts';
import type { Secret } from '../../lib/secret.ts';
import { notStored, type SecretStore, type StoredSecret } from '../../lib/secrets/secret-store.ts';
import { cursorAfter, PAGE, positionOf } from '../../lib/secrets/secrets-cursor.ts';

interface Version {
  readonly key: Secret;
  readonly createdAtMs: number;
  readonly keyPairId?: string;
  removed: boolean;
}

interface Held {
  readonly deployment: string;
  readonly identity: Identity;
  readonly versions: Map<string, Version>;
  current?: string;
  pending?: string | undefined;
  /** Its deletion is scheduled: nothing of it can be read, and it can be restored. */
  scheduled?: boolean;
  /** When it was made, where nothing was in it. */
  readonly madeAtMs?: number;
}

export interface Limits {
  /** How many versions a secret keeps: one more, and the oldest is gone. */
  most?: number;
  /** Carries out the deletion of a secret in which nothing is stored any more; at once, where it is not said. */
  deletes?: (act: () => void) => void;
  /** How long after a secret was made nobody is let at it yet, as rights by its tags arrive later than it. */
  tagsLagMs?: number;
}

/** What several stores share, as processes share a secrets manager. */
export type Shared = Map<string, Held>;

export function memoryStore(
  nowMs: () => number,
  {
    deployment = 'here',
    secrets = new Map(),
    limits = {},
  }: { deployment?: string; secrets?: Shared; limits?: Limits } = {},
): SecretStore {
  const ours = (identity: Identity): Held | undefined => {
    const kept = secrets.get(identityKey(identity));
    if (kept === undefined || kept.deployment === deployment) return kept;
    throw new VendingError('SECRET_NOT_OURS', 'A secret of that name exists that this deployment did not make');
  };
  const open = (identity: Identity): Held | undefined => {
    const kept = ours(identity);
    return kept?.scheduled ? undefined : kept;
  };
  const restored = (identity: Identity): Held | undefined => {
    const kept = ours(identity);
    delete kept?.scheduled;
    return kept;
  };
  /** @throws {VendingError} as the store of AWS does: a put may be tried again, and all else is found again by whoever comes next */
  const assertLetAt = (identity: Identity, code: 'STORE_UNAVAILABLE' | 'STORE_REFUSED') => {
    const { madeAtMs = Number.NEGATIVE_INFINITY } = secrets.get(identityKey(identity)) ?? {};
    if (nowMs() < madeAtMs + (limits.tagsLagMs ?? 0)) throw new VendingError(code, 'Not permitted yet');
  };

  return {
    async prepare(identity) {
      // As AWS does: a secret without a version, which nobody else of that name can have any more.
      if (restored(identity) === undefined)
        secrets.set(identityKey(identity), { deployment, identity, versions: new Map(), madeAtMs: nowMs() });
    },
    async put(identity, versionId, key, _signBefore, keyPairId = undefined) {
      assertLetAt(identity, 'STORE_UNAVAILABLE');
      const kept: Held = restored(identity) ?? { deployment, identity, versions: new Map() };
      const known = kept.versions.get(versionId);
      if (known !== undefined && known.key.reveal() !== key.reveal()) {
        throw new VendingError('VERSION_TAKEN', 'Another key is stored under this version');
      }
      const pair = known?.keyPairId ?? keyPairId;
      const createdAtMs = known?.createdAtMs ?? nowMs();
      if (known?.removed) kept.versions.delete(versionId); // it comes last again
      kept.versions.set(versionId, { key, createdAtMs, removed: false, ...(pair && { keyPairId: pair }) });
      if (kept.versions.size === 1) kept.current ??= versionId;
      secrets.set(identityKey(identity), kept);
      const [oldest, ...others] = [...kept.versions].filter(([, { removed }]) => !removed);
      if (oldest !== undefined && others.length >= (limits.most ?? Number.POSITIVE_INFINITY))
        kept.versions.delete(oldest[0]);
      return { reference: referenceOf(identity), current: kept.current === versionId };
    },
    async find(identity) {
      const kept = open(identity);
      return kept && shown(kept);
    },
    async makeCurrent(identity, versionId, from) {
      assertLetAt(identity, 'STORE_REFUSED');
      const kept = open(identity);
      const version = kept?.versions.get(versionId);
      if (kept === undefined || version === undefined || version.removed) return false;
      if (kept.current === versionId) return true;
      if (kept.current !== from) return false;
      kept.current = versionId;
      return true;
    },
    async markPending(identity, versionId) {
      assertLetAt(identity, 'STORE_REFUSED');
      const kept = open(identity);
      if (versionId !== undefined && kept?.versions.get(versionId)?.removed !== false) throw notStored();
      if (kept !== undefined) kept.pending = versionId;
    },
    async remove(identity, versionId) {
      assertLetAt(identity, 'STORE_REFUSED');
      const kept = ours(identity);
      if (kept === undefined || (kept.scheduled && !isKept(kept))) return;
      delete kept.scheduled;
      const version = kept.versions.get(versionId);
      if (version !== undefined) version.removed = true;
      if (kept.current === versionId) delete kept.current;
      if (kept.pending === versionId) delete kept.pending;
      if (isKept(kept)) return;
      // As AWS does: it asks for no condition, so it takes what was stored while it was on its way.
      const schedule = () => {
        kept.scheduled = true;
      };
      if (limits.deletes === undefined) schedule();
      else limits.deletes(schedule);
    },
    async restoreSecret(identity) {
      assertLetAt(identity, 'STORE_REFUSED');
      const kept = ours(identity);
      if (kept !== undefined && isKept(kept)) delete kept.scheduled;
    },
    async reveal(identity, versionId) {
      const kept = open(identity);
      const version = kept?.versions.get(versionId ?? kept.current ?? '');
      return version === undefined || version.removed ? undefined : version.key;
    },
    async list(cursor) {
      const after = cursor === undefined ? '' : positionOf(cursor);
      const found = [...secrets]
        .filter(
          ([place, kept]) =>
            place > after && kept.deployment === deployment && !kept.scheduled && shown(kept) !== undefined,
        )
        .sort(([a], [b]) => (a < b ? -1 : 1));
      const page = found.slice(0, PAGE);
      const listed = page.map(([, kept]) => shown(kept)).filter((secret) => secret !== undefined);
      return found.length > PAGE ? { secrets: listed, cursor: cursorAfter(page.at(-1)![0]) } : { secrets: listed };
    },
    async close() {},
  };
}

const isKept = ({ versions }: Held): boolean => [...versions.values()].some(({ removed }) => !removed);

const referenceOf = (identity: Identity): string => `memory:${identityKey(identity)}`;

function shown({ identity, versions, current, pending }: Held): StoredSecret | undefined {
  const kept = [...versions].filter(([, { removed }]) => !removed);
  if (kept.length === 0) return undefined;
  return {
    identity,
    reference: referenceOf(identity),
    versions: kept.map(([id, { createdAtMs, keyPairId }]) => ({
      id,
      createdAtMs,
      ...(keyPairId && { keyPairId }),
      current: id === current,
      pending: id === pending,
    })),
  };
}
