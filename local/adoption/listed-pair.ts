/** As it stands in the list: what is wrong with it, the server says. */
export interface ListedPair {
  readonly provider: string;
  readonly name: string;
  readonly region?: string;
  readonly account?: string;
  /** The private key's file, or the key itself, where the list has it. */
  readonly keyFile?: string;
  readonly key?: string;
  readonly publicKey?: string;
}
