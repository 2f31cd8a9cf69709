// Asked before anything is read or done for somebody. Workers, which go on with what was allowed, are not asked.
import type { Access, Permission } from '../access/access.ts';
import type { Grant } from '../access/access-document.ts';
import { listsKey } from '../access/decide.ts';
import type { Principal } from '../access/principal.ts';
import { VendingError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { Right } from '../rights.ts';
import type { Actor } from '../vending/trail-entry.ts';
import type { Denials } from './denials.ts';

export interface Authorising {
  readonly access: Access;
  readonly denials: Pick<Denials, 'note'>;
}

/**
 * @param secretKey that the request names
 * @throws {VendingError} FORBIDDEN, by the request alone: it is the same whether there is such a key pair or not
 */
export function authorise(
  { access, denials }: Authorising,
  who: Principal,
  right: Right,
  at: Identity,
  secretKey?: string,
): Permission {
  const grant = access.grantFor(who, right, at, secretKey);
  if (grant !== undefined && listsKey(grant, secretKey)) return grant;
  denials.note(who, right, at, access.digest);
  throw new VendingError(
    'FORBIDDEN',
    grant === undefined
      ? `No grant of "${right}" covers this key pair for you`
      : `Your grant "${grant.id}" does not list the secretKey of this request in its secretKeys`,
  );
}

/** Whose doing it is, once it was allowed. @param request the request's or the message's id */
export const actorFor = (
  { access }: Pick<Authorising, 'access'>,
  door: Actor['door'],
  { id: who }: Principal,
  grant: Pick<Grant, 'id'>,
  request: string | undefined,
): Actor => ({
  door,
  who,
  ...(request === undefined ? {} : { request }),
  grant: grant.id,
  ...(access.digest === undefined ? {} : { document: access.digest }),
});
