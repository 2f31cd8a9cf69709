// Which places (provider, account and region) a ledger knows of: one small page each, however many key pairs they hold.
import { type Place, placeKey } from '../identity.ts';
import type { Indexed, Ledger, Listing } from './ledger.ts';
import { listedAs } from './listing.ts';
import { cursorAfter } from './listing-cursor.ts';

/** The key under which a ledger remembers that a place is close to its quota. */
export const warningKey = (place: Place): string => `usage ${placeKey(place)}`;

/** The key under which it remembers what was last counted there. */
export const countedKey = (place: Place): string => `counted ${placeKey(place)}`;

/** Sorts after every name. */
const LAST = '~';

export async function* placesOf<R extends Indexed>(ledger: Pick<Ledger<R, unknown>, 'list'>): AsyncGenerator<Place> {
  const first: Listing = { limit: 1 };
  for (let listing: Listing | undefined = first; listing !== undefined; ) {
    const { records, cursor }: Awaited<ReturnType<typeof ledger.list>> = await ledger.list(listing);
    const [record] = records;
    if (record === undefined) {
      listing = cursor === undefined ? undefined : { ...first, cursor }; // an index may show what is gone
      continue;
    }
    const { name: _, ...place } = record.identity;
    yield place;
    listing = { ...first, cursor: cursorAfter(listedAs({ ...place, name: LAST }), first) };
  }
}
