// The one place where it is decided who may do what. Made of the access document, or of the words that there is none.
import type { Identity } from '../identity.ts';
import type { Right } from '../rights.ts';
import { type AccessDocument, type CompiledAccess, compiledFrom, type Grant, OPEN } from './access-document.ts';
import { grantFor, grantsOf } from './decide.ts';
import { nearestOf } from './explain.ts';
import type { Principal } from './principal.ts';

/** What a grant says of how; who and what was compared. */
export type Permission = Pick<Grant, 'id' | 'limits' | 'floors' | 'secretKey' | 'secretKeys'>;

export interface Access {
  /** The document's digest; undefined where there is none. */
  readonly digest: string | undefined;
  readonly issuers: AccessDocument['issuers'];
  /** The grants by which secrets get a key of one's own. */
  readonly withSecretKey: readonly string[];
  /** @param secretKey that a request names @returns the grant that allows it; of a key, it says so itself */
  grantFor(who: Principal, right: Right, at: Identity, secretKey?: string): Permission | undefined;
  /** Where a caller has a right; undefined for everywhere. */
  placesOf(who: Principal, right: Right): readonly Grant['on'][] | undefined;
  /** The grants that are a caller's, whatever they allow; undefined where everything is allowed. */
  grantsOf(who: Principal): readonly Grant[] | undefined;
  /** Their own grants, the one that misses least first, each with what of the question it covers. */
  nearestOf(who: Principal, right: Right, at: Identity): ReturnType<typeof nearestOf>;
}

const everything: Permission = { id: 'open', secretKeys: 'any' };
const open: Access = {
  digest: undefined,
  issuers: {},
  withSecretKey: [],
  grantFor: () => everything,
  placesOf: () => undefined,
  grantsOf: () => undefined,
  nearestOf: () => [],
};

/** @param said `OPEN`, or a compiled document @throws {TypeError} for anything else */
export const accessFrom = (said: string): Access => (said === OPEN ? open : accessBy(compiledFrom(said)));

const accessBy = ({ digest, document }: CompiledAccess): Access => ({
  digest,
  issuers: document.issuers,
  withSecretKey: document.grants.filter(({ secretKey }) => secretKey !== undefined).map(({ id }) => id),
  grantFor: (who, right, at, secretKey) => grantFor(document, who, right, at, secretKey),
  placesOf: (who, right) => grantsOf(document, who, right).map(({ on }) => on),
  grantsOf: (who) => grantsOf(document, who),
  nearestOf: (who, right, at) => nearestOf(document, who, right, at),
});
