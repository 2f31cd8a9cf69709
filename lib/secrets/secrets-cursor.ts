// Where the next page of our own stores starts: after which identity. It holds no secret and grants no permission.
import { VendingError } from '../errors.ts';
import { identityOf } from '../identity.ts';

/** As many secrets a page as AWS gives at most. */
export const PAGE = 100;
const LONGEST = 1_000;

export const cursorAfter = (identityKey: string): string => Buffer.from(identityKey).toString('base64url');

/** @throws {VendingError} INVALID_REQUEST unless `cursorAfter` made it */
export function positionOf(cursor: string): string {
  const key = cursor.length > LONGEST ? '' : Buffer.from(cursor, 'base64url').toString();
  try {
    identityOf(key);
    if (cursorAfter(key) === cursor) return key;
  } catch {}
  throw new VendingError('INVALID_REQUEST', 'The cursor did not come from this listing');
}
