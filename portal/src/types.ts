// What the API says, by the names that this page has for it.
import type * as C from '../../client/index.ts';

export type {
  AccessQuery,
  KeyPair,
  KeyPairRef,
  ListQuery,
  Me,
  Policy,
  Provider,
  Rotation,
  VendRequest,
} from '../../client/index.ts';
export type Version = C.KeyPair['versions'][number];
export type Lingering = NonNullable<C.KeyPair['lingering']>[number];
export type RotationHost = C.Rotation['hosts'][number];
export type Host = C.Policy['hosts'][number];
export type Entry = C.History['entries'][number];
export type Access = C.AccessAnswer;
export type Place = C.Quota['places'][number];

/** A key pair with all that names it. */
export interface WholeRef {
  readonly provider: C.Provider;
  readonly region: string;
  readonly account: string;
  readonly name: string;
}
/** What went wrong; without an answer, there is only a code and a sentence. */
export type Trouble = Pick<C.Problem, 'code' | 'detail'> & Partial<Pick<C.Problem, 'status' | 'title' | 'errors'>>;
