// Which key pair is meant: the four words everything else is filed under.
import type { ProviderName } from './providers/provider.ts';

export interface Identity {
  readonly provider: ProviderName;
  /** An alias of a cloud account; `default` where the request names none. `a-z 0-9 -` */
  readonly account: string;
  /** `global` for ENS. `a-z 0-9 -` */
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

export const isProvider = (word: string | undefined): word is ProviderName =>
  word === 'ens' || word === 'ecs' || word === 'cvm';
