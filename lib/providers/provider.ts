// The port: what keyvend asks of a cloud's key-pair service. A cloud's own words stop at its adapter.
import type { ProviderName } from '../provider-table.ts';
import type { Secret } from '../secret.ts';
import type { CallLimits } from '../transport/wire.ts';

export type Tags = Readonly<Record<string, string>>;

/** Where a name is unique. ENS has no regions and takes `global`. */
export interface PairName {
  readonly region: string;
  readonly name: string;
}

export interface NewPair extends PairName {
  /** ECS and CVM. */
  readonly tags?: Tags;
  /** ECS. */
  readonly resourceGroupId?: string;
  /** CVM, where it is required; 0 is the default project. */
  readonly projectId?: number;
}

/** What only the answer to a create holds. */
export interface MadePair {
  readonly id: string;
  readonly name: string;
  /** As the cloud sent it, in whatever spelling; `parsePrivateKey` reads them all. */
  readonly privateKey: Secret;
  /** Lower-case hex with colons (RFC 4716 form); for CVM, which sends none, computed from its public key: MD5. */
  readonly fingerprint: string;
  /** An OpenSSH line without comment, where the service gives one. */
  readonly publicKey?: string;
  readonly requestId?: string;
  /** The cloud's own clock when it answered, to the second. */
  readonly cloudTime?: Date;
}

export interface ImportedPair {
  readonly name: string;
  /** Alibaba's services answer an import without an id. */
  readonly id?: string;
  readonly fingerprint?: string;
  readonly requestId?: string;
  readonly cloudTime?: Date;
}

/** One pair as the cloud lists it: the evidence that tells whose it is. */
export interface FoundPair {
  readonly name: string;
  /** ECS gives it only when the pair is created. */
  readonly id?: string;
  readonly fingerprint?: string;
  /** An OpenSSH line without comment; ECS and CVM. */
  readonly publicKey?: string;
  /** By the cloud's clock; the real moment is later by up to the provider's `createdAtPrecisionMs`. */
  readonly createdAt?: Date;
  /** Absent where the service has no tags; else all of them, perhaps none. */
  readonly tags?: Tags;
  /** Where the service has projects. */
  readonly projectId?: number;
}

/** What a read saw, and the earliest moment it speaks of by the cloud's own clock (the first answer's Date header). */
export interface Sighting {
  readonly pairs: readonly FoundPair[];
  readonly cloudTime?: Date;
}

/** The access key that a provider is connected with. */
export interface AccessKey {
  /** Of the key's id; never shown, and enough to know it again. */
  readonly digest: string;

  /**
   * The cloud's own number of the account that the key belongs to, as the cloud says it.
   * @throws {VendingError} as the reads of a provider
   */
  account(call: CallLimits): Promise<string>;
}

export interface KeyPairProvider {
  readonly provider: ProviderName;

  /**
   * Has the cloud make a pair. Sent once, never again: the service has no idempotency token.
   * @throws {VendingError} refused, throttled (`retryAfterMs`) or ambiguous; `effect` tells whether a pair can exist
   */
  create(pair: NewPair, call: CallLimits): Promise<MadePair>;

  /**
   * Registers an existing public key. Sent once.
   * @param pair `publicKey` is one OpenSSH line; the services take RSA only
   * @throws {VendingError} as `create`
   */
  import(pair: NewPair & { readonly publicKey: string }, call: CallLimits): Promise<ImportedPair>;

  /**
   * All pairs of exactly this name: none, one, or several where the service permits it.
   * @param place with `id`, the pair of that id, whatever it is called by now, where pairs can be renamed (CVM); elsewhere the same
   */
  find(place: PairName & { readonly id?: string }, call: CallLimits): Promise<Sighting>;

  /**
   * Every pair of a region, however many pages that takes; read again while it changes underneath.
   * @param where with `tags`, only the pairs that carry all of them; with `passes: 1`, what is there once it was read a single time: a pair
   * may be missing then that was there all along, because another one was deleted meanwhile
   * @throws {VendingError} LISTING_UNSETTLED when it kept changing
   */
  list(
    where: { readonly region: string; readonly tags?: Tags; readonly passes?: 1 },
    call: CallLimits,
  ): Promise<Sighting>;

  /** How many pairs a region holds, ours and others', by the service's own count, which is what a quota is about. One request. */
  count(region: string, call: CallLimits): Promise<number>;

  /**
   * Deletes one pair: by id where the service can, else by name (the provider's `removesBy`). Sent once.
   * @returns `absent` when the cloud says there is no such pair; some clouds answer `removed` to that as well
   * @throws {TypeError} when the service goes by id and none is given: a name may belong to somebody else by now
   */
  remove(pair: PairName & { readonly id?: string }, call: CallLimits): Promise<'removed' | 'absent'>;
}
