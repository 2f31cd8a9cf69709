// A page of what a caller may read, read as stretches of the index: a page is never filtered afterwards, because its cursor would
// name a key pair that is somebody else's.
import type { Grant } from '../access/access-document.ts';
import { stretchOf } from '../access/patterns.ts';
import type { Place } from '../identity.ts';
import type { Ledger, Listing, RecordPage } from '../ledger/ledger.ts';
import { allUnder, placeListedAs } from '../ledger/listing.ts';
import { placesOf } from '../ledger/places.ts';
import { type ProviderName, providerNames } from '../provider-table.ts';
import { intersected, merged, type Stretch } from '../stretches.ts';
import type { Attempt } from '../vending/attempt.ts';
import type { KeyPairRecord } from '../vending/record.ts';

type Records = Pick<Ledger<KeyPairRecord, Attempt>, 'list'>;

/**
 * @param granted where the caller may read; undefined for everywhere
 * @param prefix of the names that are wanted
 */
export async function listPermitted(
  ledger: Records,
  listing: Listing,
  granted: readonly Grant['on'][] | undefined,
  prefix?: string,
): Promise<RecordPage<KeyPairRecord>> {
  const within = await permittedWithin(ledger, granted, prefix);
  return ledger.list({ ...listing, ...(within && { within }) });
}

/** The stretches that a caller may read and asks for; undefined for everything. */
export async function permittedWithin(
  ledger: Records,
  granted: readonly Grant['on'][] | undefined,
  prefix?: string,
): Promise<readonly Stretch[] | undefined> {
  let known: Promise<readonly Place[]> | undefined;
  const places = () => {
    known ??= all(placesOf(ledger));
    return known;
  };
  const named =
    prefix === undefined
      ? undefined
      : merged((await places()).map((place) => stretchOf(`${placeListedAs(place)}/`, `${prefix}*`)));
  if (granted === undefined) return named;
  const within = merged((await Promise.all(granted.map((on) => stretchesOf(on, places)))).flat());
  return named === undefined ? within : intersected(within, named);
}

/** @param places those that the ledger knows of; asked only where a grant is no stretch of the index by itself */
async function stretchesOf(on: Grant['on'], places: () => Promise<readonly Place[]>): Promise<readonly Stretch[]> {
  const { provider, account, region, name } = on;
  const served: readonly ProviderName[] = provider === 'any' ? providerNames : provider;
  // All of a provider, or all of some of its regions, is a stretch of the index whatever is in it.
  if (account === 'any' && name === 'any')
    return served.flatMap((one) =>
      region === 'any' ? [allUnder(one)] : region.map((where) => allUnder(`${one}/${where}`)),
    );
  const stretches: Stretch[] = [];
  for (const place of await places())
    if (served.includes(place.provider) && allows(account, place.account) && allows(region, place.region))
      stretches.push(
        ...(name === 'any'
          ? [allUnder(placeListedAs(place))]
          : name.map((one) => stretchOf(`${placeListedAs(place)}/`, one))),
      );
  return stretches;
}

const allows = (allowed: readonly string[] | 'any', word: string): boolean =>
  allowed === 'any' || allowed.includes(word);

async function all<T>(given: AsyncGenerator<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const one of given) found.push(one);
  return found;
}
