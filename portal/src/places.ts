// Addresses within the page.
import type { KeyPair, KeyPairRef, Provider, WholeRef } from './types.ts';

export const refOf = ({ provider, region, account, name }: KeyPair): WholeRef => ({
  provider,
  region,
  account,
  name,
});

/** From an address; the API says what is wrong with it. */
export const wholeRef = ({ provider, region, account, name }: Record<keyof WholeRef, string>): WholeRef => ({
  ...{ provider: provider as Provider, region, account, name },
});

/** A colon stays one: the router reads it as it is written. */
const word = (text: string) => encodeURIComponent(text).replaceAll('%3A', ':');

export const placeOf = ({ provider, region, account, name }: WholeRef, below = ''): string =>
  `/key-pairs/${[provider, region, account, name].map(word).join('/')}${below}`;

/** What a message or a grant is about, in one line. */
export const titleOf = ({ provider, region, account, name }: WholeRef): string =>
  `${provider} ${account}/${region}/${name}`;

/** What the page asks "why can't I?" about. */
export const whyPlace = (right: string, ref: KeyPairRef): string =>
  `/why?${new URLSearchParams({ right, ...Object.fromEntries(Object.entries(ref).filter(([, value]) => value !== undefined)) })}`;
