// The records of one place or of all, and those of what may be there: all but the vacant ones, which are as many as there ever were
// names, and say that nothing is.
import type { Place } from '../identity.ts';
import type { Listing } from '../ledger/ledger.ts';
import { allUnder, placeListedAs } from '../ledger/listing.ts';
import { pagesOf } from '../pages.ts';
import type { Ports } from './ports.ts';
import { type KeyPairRecord, states } from './record.ts';

type Ledger = Pick<Ports['ledger'], 'list'>;

/** One that moves from state to state meanwhile may be missed, or be there twice: ask for it by its name where that matters. */
export async function* liveRecords(ledger: Ledger, place?: Place): AsyncGenerator<KeyPairRecord> {
  for (const state of states) if (state !== 'vacant') yield* recordsIn(ledger, place, { state });
}

export async function* recordsIn(
  ledger: Ledger,
  place: Place | undefined,
  which: Pick<Listing, 'state' | 'own'>,
): AsyncGenerator<KeyPairRecord> {
  const where = place && { provider: place.provider, region: place.region, within: [allUnder(placeListedAs(place))] };
  const listing = { ...where, ...which, limit: 100 };
  for await (const { records } of pagesOf((from) => ledger.list({ ...listing, ...from }))) yield* records;
}
