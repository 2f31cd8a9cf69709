// The order of a listing, and which stretches of it a filter means. Every filter comes down to a few stretches that an
// index walks from end to end, so a page costs what it shows, however much else is filed.
import type { Identity, Place } from '../identity.ts';
import { type ProviderName, providerNames } from '../provider-table.ts';
import { intersected, later, type Stretch } from '../stretches.ts';
import type { Listing } from './ledger.ts';
import { positionOf } from './listing-cursor.ts';

/** In the order of a listing. */
const providers = [...providerNames].sort();

/** The text a record is listed under. The region comes before the account, so that filtering by it is a stretch, too. */
export const listedAs = (identity: Identity): string => `${placeListedAs(identity)}/${identity.name}`;

/** What all records of a place are listed under. */
export const placeListedAs = ({ provider, region, account }: Place): string => [provider, region, account].join('/');

/** All that is listed under a path. `0` is the character after `/`, and no word of an identity holds one before `-`. */
export const allUnder = (path: string): Stretch => ({
  after: `${path}/`,
  before: `${path}0`,
});

/** A stretch of one provider's records; both ends are excluded. */
export interface KeyRange extends Stretch {
  readonly provider: ProviderName;
}

/**
 * What is left to list from the cursor on, in order.
 * @throws {VendingError} INVALID_REQUEST for a cursor that is none, or that is of another listing
 */
export function keyRangesOf(listing: Listing): readonly KeyRange[] {
  const position = listing.cursor === undefined ? '' : positionOf(listing.cursor, listing);
  const { provider, region, within } = listing;
  if (region?.includes('/')) return []; // no region has such a name, and as a prefix it would mean an account
  const ranges = (provider === undefined ? providers : [provider]).map((one): KeyRange => {
    const { after, before } = allUnder(region === undefined ? one : `${one}/${region}`);
    return { provider: one, after: later(position, after), before };
  });
  const permitted = within === undefined ? ranges : ranges.flatMap((range) => intersected([range], within));
  return permitted.filter(({ after, before }) => after < before);
}
