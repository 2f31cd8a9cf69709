// The one way a key is refused.
import { VendingError } from '../errors.ts';

/**
 * A key that keyvend cannot take. It has no `cause` on purpose: an OpenSSL or JSON error may quote what it was given.
 * `effect` is `unknown`, because a key is read after the cloud answered, so a pair may exist and must be settled.
 * @param what the reason as a sentence without its full stop, made of our own words only, never of input
 */
export const unreadable = (what: string): VendingError =>
  new VendingError('KEY_UNREADABLE', what, { effect: 'unknown' });
