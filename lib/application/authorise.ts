// Asked before anything is read or done for somebody. Workers, which go on with what was allowed, are not asked.
import type { Access } from '../access/access.ts';
import type { Grant, Right } from '../access/access-document.ts';
import type { Principal } from '../access/principal.ts';
import { VendingError } from '../errors.ts';
import type { Identity } from '../identity.ts';

export interface Authorising {
  readonly access: Access;
}

/** @throws {VendingError} FORBIDDEN, by the request alone: it is the same whether there is such a key pair or not */
export function authorise(
  { access }: Authorising,
  who: Principal,
  right: Right,
  at: Identity,
): Pick<Grant, 'id' | 'limits'> {
  const grant = access.grantFor(who, right, at);
  if (grant !== undefined) return grant;
  throw new VendingError('FORBIDDEN', `No grant of "${right}" covers this key pair for you`);
}
