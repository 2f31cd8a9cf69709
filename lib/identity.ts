// Which key pair is meant: the four words everything else is filed under.
import { isProvider, type ProviderName } from './provider-table.ts';

export interface Identity {
  readonly provider: ProviderName;
  /** An alias of a cloud account; `default` where the request names none. `a-z 0-9 -` */
  readonly account: string;
  /** `global` where the provider has but one. `a-z 0-9 -` */
  readonly region: string;
  /** By the provider's own rule; none permits a slash. */
  readonly name: string;
}

/** One text per identity, and one identity per text: none of the four words can hold a slash. */
export const identityKey = ({ provider, account, region, name }: Identity): string =>
  [provider, account, region, name].join('/');

/** The identity a key stands for. @throws {TypeError} for a text that `identityKey` cannot have made */
export function identityOf(key: string): Identity {
  const [provider, account, region, name, ...more] = key.split('/');
  if (!isProvider(provider) || !account || !region || !name || more.length > 0) {
    throw new TypeError('not the key of an identity');
  }
  return { provider, account, region, name };
}

/** Where key pairs are counted and listed together. */
export type Place = Omit<Identity, 'name'>;

/** The account of a request that names none. */
export const DEFAULT_ACCOUNT = 'default';
