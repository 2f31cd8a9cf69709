// Whose turn it is, of places that may be more than there is time for: each run goes on where the one before came to its end.
import { DAY_MS } from '../clock.ts';
import { type Place, placeKey } from '../identity.ts';
import type { Ports } from '../vending/ports.ts';

type Remembering = Pick<Ports, 'ledger' | 'clock'>;

const KEPT_MS = 7 * DAY_MS;

/** All of them, from the one that `goOnAt` has remembered under that key. @throws {VendingError} LEDGER_UNAVAILABLE */
export async function turnFrom(
  { ledger, clock }: Remembering,
  key: string,
  places: readonly Place[],
): Promise<readonly Place[]> {
  const next = await ledger.recall(key, clock.wallMs());
  const at = Math.max(
    0,
    places.findIndex((place) => placeKey(place) === next),
  );
  return [...places.slice(at), ...places.slice(0, at)];
}

/** To be said before a place is begun: what it takes longer than there is time must not keep the others from their turn. */
export const goOnAt = ({ ledger, clock }: Remembering, key: string, place: Place): Promise<void> =>
  ledger.restate(key, placeKey(place), clock.wallMs() + KEPT_MS);
