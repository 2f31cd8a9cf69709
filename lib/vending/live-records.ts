// The records of what may be there: all but the vacant ones, which are as many as there ever were names, and say that nothing is.
import type { Listing } from '../ledger/ledger.ts';
import { pagesOf } from '../pages.ts';
import type { Ports } from './ports.ts';
import { type KeyPairRecord, states } from './record.ts';

/** One that moves from state to state meanwhile may be missed, or be there twice: ask for it by its name where that matters. */
export async function* liveRecords(
  ledger: Pick<Ports['ledger'], 'list'>,
  where: Pick<Listing, 'provider' | 'region'> = {},
): AsyncGenerator<KeyPairRecord> {
  for (const state of states) if (state !== 'vacant') yield* recordsIn(ledger, { ...where, state });
}

export async function* recordsIn(
  ledger: Pick<Ports['ledger'], 'list'>,
  where: Omit<Listing, 'limit' | 'cursor'>,
): AsyncGenerator<KeyPairRecord> {
  for await (const { records } of pagesOf((from) => ledger.list({ ...where, limit: 100, ...from }))) yield* records;
}
