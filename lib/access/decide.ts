// May they? Told by the request alone, never by what exists, so that a refusal tells nothing. What no grant allows is refused.
import type { Identity } from '../identity.ts';
import type { Right } from '../rights.ts';
import type { AccessDocument, Any, Grant, OneOf, Who } from './access-document.ts';
import { claimAt, isOneOf, one, words } from './claims.ts';
import { matches } from './patterns.ts';
import type { Principal, TokenHolder } from './principal.ts';

/** What a grant says of a request, field by field. */
export type Fit = Readonly<Record<'who' | 'may' | 'provider' | 'account' | 'region' | 'name', boolean>>;

export function fitOf(document: AccessDocument, grant: Grant, who: Principal, right: Right, at: Identity): Fit {
  const { provider, account, region, name } = grant.on;
  return {
    who: isMeant(document, grant.who, who),
    may: includes(grant.may, right),
    provider: includes(provider, at.provider),
    account: includes(account, at.account),
    region: includes(region, at.region),
    name: name === 'any' || name.some((pattern) => matches(pattern, at.name)),
  };
}

/**
 * @param secretKey that a request names @returns the grant that allows it: one that lists that key where there is one; of those, one
 * without limits, else the first of the document
 */
export function grantFor(
  document: AccessDocument,
  who: Principal,
  right: Right,
  at: Identity,
  secretKey?: string,
): Grant | undefined {
  const allowing = document.grants.filter((grant) =>
    Object.values(fitOf(document, grant, who, right, at)).every(Boolean),
  );
  const listing = allowing.filter((grant) => listsKey(grant, secretKey));
  const best = listing.length > 0 ? listing : allowing;
  return best.find(({ limits }) => limits === undefined) ?? best[0];
}

/** Whether a request by that grant may name the key, word for word. One that names none always may. */
export const listsKey = ({ secretKeys = [] }: Pick<Grant, 'secretKeys'>, secretKey: string | undefined): boolean =>
  secretKey === undefined || includes(secretKeys, secretKey);

/** The grants that are a caller's, wherever they hold. @param right that they allow; any where it is left out */
export const grantsOf = (document: AccessDocument, who: Principal, right?: Right): readonly Grant[] =>
  document.grants.filter(
    (grant) => (right === undefined || includes(grant.may, right)) && isMeant(document, grant.who, who),
  );

const includes = (allowed: readonly string[] | Any, word: string): boolean =>
  allowed === 'any' || allowed.includes(word);

function isMeant(document: AccessDocument, who: Who, principal: Principal): boolean {
  if ('awsRole' in who)
    return principal.kind === 'aws' && principal.role === who.awsRole.role && principal.account === who.awsRole.account;
  if ('awsUser' in who)
    return principal.kind === 'aws' && principal.user === who.awsUser.user && principal.account === who.awsUser.account;
  if ('queue' in who)
    return principal.kind === 'queue' && anyOf(who.queue, principal.queue) && anyOf(who.sender, principal.sender);
  return principal.kind === 'token' && holds(document, who, principal);
}

const anyOf = (wanted: OneOf, value: string): boolean => wanted === 'any' || isOneOf(value, wanted);

/** A claim that is not there matches nothing. */
function holds(
  document: AccessDocument,
  who: Extract<Who, { issuer: string }>,
  { issuer, claims }: TokenHolder,
): boolean {
  const names = document.issuers[issuer];
  if (issuer !== who.issuer || names === undefined) return false;
  const list = (path: string | undefined) => (path === undefined ? [] : words(claimAt(claims, path)));
  return (
    (who.subject === undefined || isOneOf(claims.sub, who.subject)) &&
    (who.client === undefined ||
      (names.client !== undefined && isOneOf(one(claimAt(claims, names.client)), who.client))) &&
    (who.groups === undefined || isOneOf(list(names.groups), who.groups)) &&
    (who.scopes === undefined || isOneOf(list(names.scopes), who.scopes)) &&
    Object.entries(who.claims ?? {}).every(([path, wanted]) => isOneOf(claimAt(claims, path), wanted))
  );
}
