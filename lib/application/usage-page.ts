// How full each place is, as it was last counted: for those places where a caller may vend or read anything.
import type * as z from 'zod/mini';
import type { Principal } from '../access/principal.ts';
import type { QuotaAnswer, QuotaQuery } from '../contract/quota-view.ts';
import { VendingError } from '../errors.ts';
import type { Place } from '../identity.ts';
import { placeListedAs } from '../ledger/listing.ts';
import { placesOf } from '../ledger/places.ts';
import { countedUsage } from '../vending/quota-usage.ts';
import type { Records } from './runtime.ts';

/** In the order of a listing: by provider, region and account. @throws {VendingError} INVALID_REQUEST for a cursor that is none */
export async function usagePage(
  records: Records,
  caller: Principal,
  { provider, region, limit, cursor }: z.infer<typeof QuotaQuery>,
): Promise<z.infer<typeof QuotaAnswer>> {
  const ledger = await records.ledger();
  const after = cursor === undefined ? '' : positionOf(cursor);
  const places: z.infer<typeof QuotaAnswer>['places'] = [];
  for await (const place of placesOf(ledger)) {
    if (placeListedAs(place) <= after || !isAsked(place, { provider, region }) || !concerns(records, caller, place))
      continue;
    if (places.length === limit)
      return { places, cursor: Buffer.from(placeListedAs(places.at(-1)!)).toString('base64url') };
    const usage = await countedUsage({ ledger, clock: records.clock }, place);
    const limitThere = usage?.limit ?? records.settings.quotas[place.provider];
    places.push({ ...place, ...(usage && { used: usage.used }), ...(limitThere > 0 && { limit: limitThere }) });
  }
  return { places };
}

const isAsked = (place: Place, { provider, region }: { provider?: string | undefined; region?: string | undefined }) =>
  (provider === undefined || provider === place.provider) && (region === undefined || region === place.region);

function concerns({ access }: Records, caller: Principal, { provider, account, region }: Place): boolean {
  const has = (allowed: readonly string[] | 'any', word: string) => allowed === 'any' || allowed.includes(word);
  return (['read', 'vend'] as const).some((right) => {
    const places = access.placesOf(caller, right);
    if (places === undefined) return true;
    return places.some((on) => has(on.provider, provider) && has(on.account, account) && has(on.region, region));
  });
}

function positionOf(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (/^[a-z0-9-]+\/[a-z0-9-]+\/[a-z0-9-]+$/.test(text)) return text;
  throw new VendingError('INVALID_REQUEST', 'The cursor did not come from this listing');
}
