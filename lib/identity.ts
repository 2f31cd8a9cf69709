// Which key pair is meant: the four words everything else is filed under.
import { GLOBAL, isGlobal, isProvider, type ProviderName } from './provider-table.ts';

export interface Identity {
  readonly provider: ProviderName;
  /** An alias of a cloud account; `default` where the request names none. */
  readonly account: string;
  /** `global` where the provider has only one. */
  readonly region: string;
  /** By the provider's own rule; none permits a slash. */
  readonly name: string;
}

/** Where key pairs are counted and listed together. */
export type Place = Omit<Identity, 'name'>;

/** The rules of the two words that are the same for every provider; the one for a name is in the provider's row. */
export const accountRule = /^[a-z0-9][a-z0-9-]{0,31}$/;
export const regionRule = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** The account of a request that names none. */
export const DEFAULT_ACCOUNT = 'default';
/** The region of a request that names none; undefined where one must be named. */
export const defaultRegion = (provider: ProviderName): string | undefined => (isGlobal(provider) ? GLOBAL : undefined);

/** One text per place, in whatever order its words were read. */
export const placeKey = ({ provider, account, region }: Place): string => [provider, account, region].join('/');

/** One text per identity, and one identity per text: none of the four words can hold a slash. */
export const identityKey = (identity: Identity): string => `${placeKey(identity)}/${identity.name}`;

/** The identity a key stands for. @throws {TypeError} for a text that `identityKey` cannot have made */
export function identityOf(key: string): Identity {
  const [provider, account, region, name, ...more] = key.split('/');
  if (!isProvider(provider) || !account || !region || !name || more.length > 0) {
    throw new TypeError('not the key of an identity');
  }
  return { provider, account, region, name };
}
