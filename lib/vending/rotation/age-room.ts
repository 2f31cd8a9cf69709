// Whether one more rotation by age may begin now: while it is under way there is one pair more, and a region's quota is for those
// who ask for key pairs.
import { DAY_MS } from '../../clock.ts';
import { placeKey } from '../../identity.ts';
import { warningKey } from '../../ledger/places.ts';
import { shareOf } from '../age-plan.ts';
import type { Ports } from '../ports.ts';
import type { KeyPairRecord } from '../record.ts';

/** Of the room that is left in a region that is nearly full, what rotations by age may take in a day. */
const SHARE_A_DAY = 0.5;

/** @returns undefined if it may; or when to ask again, tomorrow, at a moment of the key pair's own */
export async function ageRotationLaterAtMs(
  { ledger, clock }: Pick<Ports, 'ledger' | 'clock'>,
  { identity }: Pick<KeyPairRecord, 'identity'>,
): Promise<number | undefined> {
  const nowMs = clock.wallMs();
  // Remembered while the region is nearly full, as it was counted last.
  const warning = await ledger.recall(warningKey(identity), nowMs);
  const [, used, limit] = /^used=(\d+), limit=(\d+)$/.exec(warning ?? '') ?? [];
  if (used === undefined) return undefined;
  const day = Math.floor(nowMs / DAY_MS);
  const most = Math.floor(Math.max(0, Number(limit) - Number(used)) * SHARE_A_DAY);
  const window = `${placeKey(identity)}/age/${day}`;
  if (await ledger.tryAcquire(window, most, (day + 2) * DAY_MS)) return undefined;
  return Math.round((day + 1 + shareOf(identity)) * DAY_MS);
}
