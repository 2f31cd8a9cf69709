// Where the next page starts, in a form for callers: opaque, short, and good for one filter only. It holds no secret and grants
// no permission: it says after which key pair to go on, which is one that the caller has been shown or may be shown.

import { VendingError } from '../errors.ts';
import { accountRule, identityOf, regionRule } from '../identity.ts';
import { sha256 } from '../sha256.ts';
import type { Listing } from './ledger.ts';

const SEAL_BYTES = 9;
const LONGEST = 1_000;

/** @param listed the position of the last record of this page, as `listedAs` gives it */
export const cursorAfter = (listed: string, filter: Listing): string =>
  Buffer.concat([seal(listed, filter), Buffer.from(listed)]).toString('base64url');

/** @throws {VendingError} INVALID_REQUEST unless `cursorAfter` made it for this filter. The limit may change. */
export function positionOf(cursor: string, filter: Listing): string {
  const bytes = cursor.length > LONGEST ? Buffer.alloc(0) : Buffer.from(cursor, 'base64url');
  const listed = bytes.subarray(SEAL_BYTES).toString();
  const sealed = bytes.subarray(0, SEAL_BYTES).equals(seal(listed, filter));
  // Decoding skips what is not base64url, so the spelling is compared as well.
  if (!sealed || bytes.toString('base64url') !== cursor || !isPlace(listed)) {
    throw new VendingError('INVALID_REQUEST', 'The cursor did not come from this listing');
  }
  return listed;
}

/** Ties a position to a filter. Without a key: a forged one reads on from another position in what the caller may read anyway. */
const seal = (listed: string, { provider, region, state }: Listing): Buffer =>
  sha256(JSON.stringify(['keyvend listing 1', provider ?? null, region ?? null, state ?? null, listed])).subarray(
    0,
    SEAL_BYTES,
  );

function isPlace(listed: string): boolean {
  try {
    const { account: region, region: account } = identityOf(listed); // the region comes first there
    return accountRule.test(account) && regionRule.test(region);
  } catch {
    return false;
  }
}
