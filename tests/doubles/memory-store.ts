// A secret store in memory, for tests and the simulation. It keeps the port's promises, and nothing across a restart.
import { VendingError } from '../../lib/errors.ts';
import { type Identity, identityKey } from '../../lib/identity.ts';
import { Secret } from '../../lib/secret.ts';
import type { SecretTraits } from '../../lib/secret-traits.ts';
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
  /** Whether they are counted as Alibaba KMS counts them: with those that were removed, and one that no key is in. */
  countsAll?: boolean;
  /** Of those, whether the oldest goes, or the oldest that no label is on; no page says which. */
  drops?: 'oldest' | 'oldest unlabelled';
  /** Whether the label of what is current moves without a look at who has it. */
  blindLabels?: boolean;
  /** How often each secret was changed, by identity, where a store refuses what it was asked before that. */
  changes?: Map<string, number>;
  /** What each secret has, by identity. */
  traits?: Map<string, SecretTraits>;
  /** Told of what it has done, as a run has to be seen to get there. */
  reached?: (what: 'dropped' | 'full' | 'blind' | 'renewed') => void;
  /** Carries out the copy of a key; at once, where it is not said. */
  copies?: (act: () => void) => Promise<void>;
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

  const changed = ({ changes }: Limits, identity: Identity) =>
    changes?.set(identityKey(identity), (changes?.get(identityKey(identity)) ?? 0) + 1);

  const given = ({ traits }: Limits, identity: Identity, { secretTags, secretKey }: SecretTraits) => {
    const has = traits?.get(identityKey(identity));
    traits?.set(identityKey(identity), {
      secretTags: { ...has?.secretTags, ...secretTags },
      ...((secretKey ?? has?.secretKey) !== undefined && { secretKey: (secretKey ?? has?.secretKey)! }),
    });
  };

  return {
    async prepare(identity, mayArrive = 0, traits = {}) {
      changed(limits, identity);
      // As AWS does: a secret without a version, which nobody else of that name can have any more.
      const kept = restored(identity);
      if (kept === undefined) {
        const versions = new Map(limits.countsAll ? [[NO_KEY.id, NO_KEY]] : []);
        secrets.set(identityKey(identity), { deployment, identity, versions, madeAtMs: nowMs() });
        limits.traits?.delete(identityKey(identity));
      } else if (limits.countsAll && roomIn(kept, limits) < mayArrive + 1) {
        limits.reached?.('full');
        throw new VendingError('STORE_REFUSED', 'The secret keeps too few versions for one more key');
      }
      given(limits, identity, traits);
    },
    async put(identity, versionId, key, _signBefore, keyPairId = undefined, traits = {}) {
      changed(limits, identity);
      assertLetAt(identity, 'STORE_UNAVAILABLE');
      if (!secrets.has(identityKey(identity))) given(limits, identity, traits);
      const kept: Held = restored(identity) ?? { deployment, identity, versions: new Map() };
      const known = kept.versions.get(versionId);
      if (known !== undefined && known.key.reveal() !== key.reveal()) {
        throw new VendingError('VERSION_TAKEN', 'Another key is stored under this version');
      }
      const pair = known?.keyPairId ?? keyPairId;
      const createdAtMs = known?.createdAtMs ?? nowMs();
      if (known?.removed && !limits.countsAll) kept.versions.delete(versionId); // it comes last again
      kept.versions.set(versionId, { key, createdAtMs, removed: false, ...(pair && { keyPairId: pair }) });
      if (kept.versions.size === 1) kept.current ??= versionId;
      // As KMS is asked to: the first key that comes in is current at once, by a request that may arrive once more.
      const [first] = [...kept.versions.keys()].filter((id) => id !== NO_KEY.id);
      if (limits.countsAll && first === versionId && (kept.current === undefined || limits.blindLabels)) {
        if (kept.current !== undefined && kept.current !== versionId) limits.reached?.('blind');
        kept.current = versionId;
      }
      secrets.set(identityKey(identity), kept);
      drop(kept, limits);
      return { reference: referenceOf(identity), current: kept.current === versionId };
    },
    async renew(identity, versionId) {
      changed(limits, identity);
      const kept = open(identity);
      const version = kept?.versions.get(versionId);
      if (kept === undefined || version === undefined || version.removed) throw notStored();
      if (roomIn(kept, limits) < 1) throw new VendingError('STORE_REFUSED', 'A copy would drop another key');
      const act = () => copied(kept, versionId, version, limits);
      if (limits.copies === undefined) act();
      else await limits.copies(act);
    },
    async find(identity) {
      const kept = open(identity);
      return kept && shown(kept, limits);
    },
    async makeCurrent(identity, versionId, from) {
      changed(limits, identity);
      assertLetAt(identity, 'STORE_REFUSED');
      const kept = open(identity);
      const version = kept?.versions.get(versionId);
      if (kept === undefined || version === undefined || version.removed) return false;
      if (kept.current === versionId) return true;
      if (kept.current !== from && !limits.blindLabels) return false;
      if (kept.current !== from) limits.reached?.('blind');
      kept.current = versionId;
      return true;
    },
    async markPending(identity, versionId) {
      changed(limits, identity);
      assertLetAt(identity, 'STORE_REFUSED');
      const kept = open(identity);
      if (versionId !== undefined && kept?.versions.get(versionId)?.removed !== false) throw notStored();
      if (kept !== undefined) kept.pending = versionId;
    },
    async remove(identity, versionId) {
      changed(limits, identity);
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
            place > after && kept.deployment === deployment && !kept.scheduled && shown(kept, limits) !== undefined,
        )
        .sort(([a], [b]) => (a < b ? -1 : 1));
      const page = found.slice(0, PAGE);
      const listed = page.map(([, kept]) => shown(kept, limits)).filter((secret) => secret !== undefined);
      return found.length > PAGE ? { secrets: listed, cursor: cursorAfter(page.at(-1)![0]) } : { secrets: listed };
    },
    async close() {},
  };
}

/** What KMS has made a secret with. */
const NO_KEY = { id: 'no key', key: new Secret(''), createdAtMs: 0, removed: true };

const countedIn = ({ versions }: Held, { countsAll }: Limits): (readonly [string, Version])[] =>
  [...versions].filter(([, { removed }]) => countsAll || !removed);

/** See `StoredSecret.room`: of each key that comes in, the oldest version goes. */
function roomIn(kept: Held, limits: Limits): number {
  const counted = countedIn(kept, limits);
  const first = counted.findIndex(([, { removed }]) => !removed);
  return (limits.most ?? Number.POSITIVE_INFINITY) - counted.length + (first < 0 ? counted.length : first);
}

/** The key is the latest version, and what it was before is one that nobody's label is on. */
function copied(kept: Held, versionId: string, version: Version, limits: Limits): void {
  const all = [...kept.versions];
  kept.versions.clear();
  for (const [id, one] of all)
    if (id === versionId) kept.versions.set(`${id} before ${all.length}`, { ...one, removed: true });
    else kept.versions.set(id, one);
  kept.versions.set(versionId, { ...version, removed: false });
  limits.reached?.('renewed');
  drop(kept, limits);
}

function drop(kept: Held, limits: Limits): void {
  const counted = countedIn(kept, limits);
  if (counted.length <= (limits.most ?? Number.POSITIVE_INFINITY)) return;
  const bare =
    limits.drops === 'oldest unlabelled'
      ? counted.find(([id, { removed }]) => removed && id !== kept.current)
      : undefined;
  const [id] = bare ?? counted[0]!;
  kept.versions.delete(id);
  if (kept.current === id) delete kept.current;
  limits.reached?.('dropped');
}

const isKept = ({ versions }: Held): boolean => [...versions.values()].some(({ removed }) => !removed);

const referenceOf = (identity: Identity): string => `memory:${identityKey(identity)}`;

function shown(held: Held, limits: Limits): StoredSecret | undefined {
  const { identity, versions, current, pending } = held;
  const kept = [...versions].filter(([, { removed }]) => !removed);
  if (kept.length === 0) return undefined;
  return {
    identity,
    reference: referenceOf(identity),
    ...(limits.countsAll && { room: roomIn(held, limits) }),
    versions: kept.map(([id, { createdAtMs, keyPairId }]) => ({
      id,
      createdAtMs,
      ...(keyPairId && { keyPairId }),
      current: id === current,
      pending: id === pending,
    })),
  };
}
