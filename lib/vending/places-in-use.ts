// Where something of ours may be. A place that was only ever asked for in vain, a region that does not exist for instance, is none:
// it would be asked again by every schedule, for ever. What the ledger has on file decides, so there is nothing to write down and
// nothing to lose: an attempt is on file before the cloud is asked, and `refused` only once the cloud has refused it.

import type { Place } from '../identity.ts';
import { placesOf } from '../ledger/places.ts';
import { liveRecords, recordsIn } from './live-records.ts';
import type { Ports } from './ports.ts';

type Ledger = Ports['ledger'];

/** @param wanted which of them matter; the others are not looked at */
export async function* placesInUse(
  ledger: Ledger,
  wanted: (place: Place) => boolean = () => true,
): AsyncGenerator<Place> {
  for await (const place of placesOf(ledger)) if (wanted(place) && (await isInUse(ledger, place))) yield place;
}

async function isInUse(ledger: Ledger, place: Place): Promise<boolean> {
  for await (const _ of liveRecords(ledger, place)) return true;
  for await (const { identity, versions, closing } of recordsIn(ledger, place, { state: 'vacant' })) {
    if (versions.length > 0 || closing !== undefined) return true;
    for (const { outcome } of (await ledger.attempts(identity)).values()) if (outcome !== 'refused') return true;
  }
  return false;
}
