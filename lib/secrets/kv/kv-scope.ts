// One deployment's secrets in a mount, and how their states are read and changed: by check-and-set, so that of two who change one
// only the first does, and a change that is late does nothing at all.
import type { Clock } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import { type Identity, identityKey } from '../../identity.ts';
import type { Kv } from './kv-calls.ts';
import { placeOf } from './kv-path.ts';
import { emptyState, type State, stateIn } from './kv-state.ts';

export interface KvScope {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly deployment: string;
  readonly mount: string;
  readonly prefix: string;
  readonly recoveryWindowMs: number;
  /** States that were just written by a prepare, by identity; each serves one put. */
  readonly prepared: Map<string, Opened>;
}

/** A state as it was read or written. */
export interface Opened {
  /** Its number; 0 where there is none yet. */
  readonly at: number;
  readonly state: State;
}

/** Others may be first again and again; some 8 s in all before we give up. */
export const ROUNDS = 10;

/** @throws {VendingError} SECRET_NOT_OURS; nothing is written before this was checked */
export async function openState(scope: KvScope, identity: Identity): Promise<Opened> {
  const { kv, prefix, deployment } = scope;
  const { version: at, data } = await kv.read(placeOf(prefix, identity).state);
  if (at === 0) return { at, state: emptyState(deployment, identity) };
  if (data === undefined) throw new VendingError('STORE_REFUSED', "A secret's state was deleted: undelete it");
  const state = stateIn(data);
  if (state?.deployment === deployment && state.identity === identityKey(identity)) return { at, state };
  throw new VendingError('SECRET_NOT_OURS', 'A secret of that name exists that this deployment did not make');
}

/** @returns undefined where somebody else was first */
export async function saveState(
  { kv, prefix }: KvScope,
  identity: Identity,
  { at }: Opened,
  state: State,
): Promise<Opened | undefined> {
  const written = await kv.write(placeOf(prefix, identity).state, state, at);
  return 'version' in written ? { at: written.version, state } : undefined;
}

/**
 * Writes the state that `next` makes of the one that is there, once more from there on where somebody else was first. Also where nothing is
 * to change, a caller has it written: then whatever was sent before is refused when it arrives.
 * @param next given whether the state has moved since the call began; returns undefined where nothing is to be written
 */
export async function changeState(
  scope: KvScope,
  identity: Identity,
  from: Opened,
  next: (opened: Opened, moved: boolean) => Promise<State | undefined> | State | undefined,
): Promise<Opened> {
  let opened = from;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (round > 0) {
      await scope.kv.pause(round);
      opened = await openState(scope, identity);
    }
    const state = await next(opened, round > 0);
    if (state === undefined) return opened;
    const saved = await saveState(scope, identity, opened, state);
    if (saved !== undefined) return saved;
  }
  throw busy();
}

export const busy = (): VendingError =>
  new VendingError('STORE_UNAVAILABLE', 'Others are changing the same secret', { effect: 'unknown' });

/** For errors that end an act in which something was written already. */
export async function unknownOnce(wrote: () => boolean, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!wrote() || !(error instanceof VendingError) || error.effect === 'unknown') throw error;
    const { upstreamCode, requestId } = error;
    throw new VendingError('STORE_UNAVAILABLE', 'The secret store was asked, and not to the end', {
      ...{ effect: 'unknown', cause: error },
      ...(upstreamCode && { upstreamCode }),
      ...(requestId && { requestId }),
    });
  }
}
