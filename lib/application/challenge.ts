// What a caller whose token does not do is told in `WWW-Authenticate` (RFC 6750 section 3).
import type { Problem } from '../contract/problem.ts';
import type { FailureCode } from '../errors.ts';

/** The standard's word for each of our codes; '' where nothing was sent that could be wrong. A code that is not here gets none. */
const words: Partial<Record<FailureCode, '' | 'invalid_token' | 'insufficient_scope'>> = {
  TOKEN_MISSING: '',
  TOKEN_REFUSED: 'invalid_token',
  TOKEN_EXPIRED: 'invalid_token',
  TOKEN_EARLY: 'invalid_token',
  TOKEN_LIFETIME: 'invalid_token',
  TOKEN_KIND: 'invalid_token',
  TOKEN_KEY_WEAK: 'invalid_token',
  TOKEN_AUDIENCE: 'invalid_token',
  FORBIDDEN: 'insufficient_scope',
};

/** @returns the header's value. Our own sentences stand in it, and they hold no input, no quotation mark and no backslash. */
export function challengeOf({ code, detail }: Problem): string | undefined {
  const word = words[code as FailureCode];
  return word ? `Bearer error="${word}", error_description="${detail}"` : word === '' ? 'Bearer' : undefined;
}
