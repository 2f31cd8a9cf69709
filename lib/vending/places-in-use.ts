// Where something of ours may be. A place that was only ever asked for in vain, a region that does not exist for instance, is none:
// it would be asked again by every schedule, for ever. What the ledger has on file decides, so there is nothing to write down and
// nothing to lose: an attempt is on file before the cloud is asked, and `refused` only once the cloud has refused it.

import type { Place } from '../identity.ts';
import { placesOf } from '../ledger/places.ts';
import { pagesOf } from '../pages.ts';
import type { Ports } from './ports.ts';

type Ledger = Ports['ledger'];

export async function* placesInUse(ledger: Ledger): AsyncGenerator<Place> {
  for await (const place of placesOf(ledger)) if (await isInUse(ledger, place)) yield place;
}

async function isInUse(ledger: Ledger, { provider, account, region }: Place): Promise<boolean> {
  const listing = { provider, region, limit: 100 };
  for await (const { records } of pagesOf((from) => ledger.list({ ...listing, ...from }))) {
    for (const { identity, state, versions, closing } of records) {
      if (identity.account !== account) continue;
      if (state !== 'vacant' || versions.length > 0 || closing !== undefined) return true;
      for (const { outcome } of (await ledger.attempts(identity)).values()) if (outcome !== 'refused') return true;
    }
  }
  return false;
}
