// What a secret's state says, and how it changes. It alone decides which versions are stored and which one is current.
import * as z from 'zod/mini';
import { type Identity, identityKey } from '../../identity.ts';
import type { StoredSecret } from '../secret-store.ts';
import type { Fields } from './kv-http.ts';

const Entry = z.object({
  id: z.string(),
  createdAtMs: z.number(),
  keyPairId: z.optional(z.string()),
  /** Set while it counts as removed: since when, and by which version of the state, which is another for each removal. */
  removed: z.optional(z.object({ atMs: z.number(), by: z.number() })),
});
const State = z.object({
  /** The format. */
  keyvend: z.literal(1),
  deployment: z.string(),
  identity: z.string(),
  /** How often `current` has moved, and up to which of these moves the readers' copy is known to have followed. */
  moves: z.number(),
  copied: z.number(),
  current: z.optional(z.string()),
  pending: z.optional(z.string()),
  versions: z.array(Entry),
});
export type Entry = Readonly<z.infer<typeof Entry>>;
export type State = Readonly<z.infer<typeof State>>;

/** Undefined for what this format is not. */
export function stateIn(data: Fields): State | undefined {
  const { success, data: state } = z.safeParse(State, data);
  return success ? state : undefined;
}

export const emptyState = (deployment: string, identity: Identity): State => ({
  ...{ keyvend: 1, deployment, identity: identityKey(identity), moves: 0, copied: 0, versions: [] },
});

export const entryOf = ({ versions }: State, id: string): Entry | undefined =>
  versions.find((version) => version.id === id);

export const isStored = (state: State, id: string): boolean => {
  const entry = entryOf(state, id);
  return entry !== undefined && entry.removed === undefined;
};

/** Stored now, and before that perhaps removed. */
export function withStored(state: State, id: string, nowMs: number, keyPairId: string | undefined): State {
  const { createdAtMs = nowMs, keyPairId: known = keyPairId } = entryOf(state, id) ?? {};
  return withEntry(state, { id, createdAtMs, ...(known !== undefined && { keyPairId: known }) });
}

/** @param by the version of the state that this one will be */
export function withoutStored(state: State, id: string, nowMs: number, by: number): State {
  const entry = entryOf(state, id) ?? { id, createdAtMs: nowMs };
  const { current, pending, ...rest } = withEntry(state, {
    ...entry,
    removed: { atMs: entry.removed?.atMs ?? nowMs, by },
  });
  return {
    ...rest,
    ...(pending !== undefined && pending !== id && { pending }),
    ...(current === id ? { moves: state.moves + 1 } : current !== undefined && { current }),
  };
}

const withEntry = (state: State, entry: Entry): State => ({
  ...state,
  versions: [...state.versions.filter(({ id }) => id !== entry.id), entry],
});

export const withCurrent = (state: State, current: string): State =>
  state.current === current ? state : { ...state, current, moves: state.moves + 1 };

export const withPending = ({ pending: _, ...state }: State, pending: string | undefined): State => ({
  ...state,
  ...(pending !== undefined && { pending }),
});

/** Undefined when nothing is stored. */
export function storedSecret(identity: Identity, reference: string, state: State): StoredSecret | undefined {
  const versions = state.versions
    .filter(({ removed }) => removed === undefined)
    .sort((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1))
    .map(({ id, createdAtMs, keyPairId }) => ({
      ...{ id, createdAtMs, ...(keyPairId !== undefined && { keyPairId }) },
      current: id === state.current,
      pending: id === state.pending,
    }));
  return versions.length === 0 ? undefined : { identity, reference, versions };
}
