// How far a rotation is, for whoever waits for it.
import type { Rotation } from './types.ts';

/** States in the order in which a rotation goes through them. */
const order = ['requested', 'staged', 'rolled-out', 'proven', 'promoted', 'old-key-removed', 'purged'] as const;
/** `promoted`: the new key counts. `old-key-removed`: no host has the old line. `purged`: the old pair and its key are gone. */
export type RotationGoal = 'promoted' | 'old-key-removed' | 'purged';

export const hasReached = ({ state }: Rotation, goal: RotationGoal): boolean =>
  (order as readonly string[]).indexOf(state) >= order.indexOf(goal);

/** @returns why it does not get there by itself; undefined where it may */
export function isOver({
  state,
  stalledAt,
  lastError,
}: Rotation): { readonly code: string; readonly detail: string } | undefined {
  if (state === 'cancelling' || state === 'cancelled')
    return { code: 'ROTATION_CANCELLED', detail: 'The rotation was cancelled' };
  if (stalledAt !== undefined)
    return { code: 'ROTATION_STALLED', detail: lastError?.detail ?? 'The rotation has failed for an hour' };
  return undefined;
}
