// Where something of ours may be. A place that was only ever asked for in vain, a region that does not exist for instance, is none:
// it would be asked again by every schedule, for ever. What the ledger has on file decides, so there is nothing to write down and
// nothing to lose: an attempt is on file before the cloud is asked, and `refused` only once the cloud has refused it.

import type { Place } from '../identity.ts';
import { placesOf } from '../ledger/places.ts';
import { liveRecords, recordsIn } from './live-records.ts';
import type { Ports } from './ports.ts';
import type { KeyPairRecord } from './record.ts';

type Ledger = Ports['ledger'];

export async function* placesInUse(ledger: Ledger): AsyncGenerator<Place> {
  for await (const place of placesOf(ledger)) if (await isInUse(ledger, place)) yield place;
}

async function isInUse(ledger: Ledger, { provider, account, region }: Place): Promise<boolean> {
  const isHere = ({ identity }: KeyPairRecord) => identity.account === account;
  for await (const record of liveRecords(ledger, { provider, region })) if (isHere(record)) return true;
  for await (const record of recordsIn(ledger, { provider, region, state: 'vacant' })) {
    if (!isHere(record)) continue;
    if (record.versions.length > 0 || record.closing !== undefined) return true;
    for (const { outcome } of (await ledger.attempts(record.identity)).values()) if (outcome !== 'refused') return true;
  }
  return false;
}
