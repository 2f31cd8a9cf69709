// Which places the comparison looks into: those that the ledger or the secret store knows of, and every other region of the same
// accounts, where something of ours may be whose records and keys are lost.
import { codeOf } from '../errors.ts';
import { type Identity, type Place, placeKey } from '../identity.ts';
import { hasTags } from '../provider-table.ts';
import type { LedgerLook } from '../vending/ledger-look.ts';
import { DEPLOYMENT_TAG } from '../vending/ownership.ts';
import { placesInUse } from '../vending/places-in-use.ts';
import type { Ports } from '../vending/ports.ts';
import type { RegionsFor } from './runtime.ts';

type Account = Pick<Identity, 'provider' | 'account'>;

/** What could not be asked, an account for its regions or a region for what it has of ours, and why. */
export interface Unasked extends Account {
  readonly region?: string;
  readonly code: string;
}

interface PlacesToCompare {
  readonly places: readonly Place[];
  /** Those among them of which only the cloud can tell whether anything of ours is there (`placeKey`). */
  readonly unknown: ReadonlySet<string>;
  readonly unasked: readonly Unasked[];
}

/** @param filter what they all have in common; an account of which neither ledger nor store knows anything has none */
export async function placesToCompare(
  { ledger }: Pick<Ports, 'ledger'>,
  look: Pick<LedgerLook, 'places'>,
  regionsFor: RegionsFor,
  filter: Partial<Place>,
): Promise<PlacesToCompare> {
  const places = new Map<string, Place>();
  const accounts = new Map<string, Account>();
  const isWanted = ({ provider, account, region }: Place) => {
    if (!agrees({ provider, account }, filter)) return false;
    accounts.set(`${provider}/${account}`, { provider, account });
    return agrees({ region }, filter);
  };
  for await (const place of placesInUse(ledger, isWanted)) places.set(placeKey(place), place);
  for (const place of look.places) if (isWanted(place)) places.set(placeKey(place), place);

  const unknown = new Set<string>();
  const unasked: Unasked[] = [];
  for (const account of accounts.values()) {
    if (!hasTags(account.provider)) continue; // of its pairs nobody could tell whose they are
    const regions = await regionsFor(account).catch((error) => void unasked.push({ ...account, code: codeOf(error) }));
    for (const region of regions ?? []) {
      const key = placeKey({ ...account, region });
      if (places.has(key) || !agrees({ region }, filter)) continue;
      places.set(key, { ...account, region });
      unknown.add(key);
    }
  }
  return { places: [...places.values()], unknown, unasked };
}

/** Whether a pair there carries this deployment's tag. One request, where the ledger was never confirmed anew. */
export async function showsOurs({ deployment, providerFor, settings }: Ports, place: Place): Promise<boolean> {
  const [provider, { tag, earlier }] = await Promise.all([providerFor({ ...place, name: '-' }), deployment.tags()]);
  for (const one of [tag, ...earlier]) {
    const wanted = { region: place.region, tags: { [DEPLOYMENT_TAG]: one }, passes: 1 } as const;
    if ((await provider.list(wanted, { timeoutMs: settings.callTimeoutMs })).pairs.length > 0) return true;
  }
  return false;
}

const agrees = (words: Partial<Place>, filter: Partial<Place>): boolean =>
  Object.entries(words).every(([word, value]) => (filter[word as keyof Place] ?? value) === value);
