// The port: who keeps the private keys. A secret holds one identity's keys, one version per attempt that made one.
import type { Deadline } from '../clock.ts';
import { VendingError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { Secret } from '../secret.ts';
import type { SecretTraits } from '../secret-traits.ts';

/** One stored key, without the key itself. */
export interface StoredVersion {
  /** The id of the attempt that made it, a UUID. */
  readonly id: string;
  /** Undefined where the store tells it only for one version at a time. */
  readonly createdAtMs?: number;
  /** The id of the key's pair, where it was given with the key. */
  readonly keyPairId?: string;
  /** Whether a reader who names no version gets this one. At most one version is current. */
  readonly current: boolean;
  /** Whether it is the one that a rotation is bringing in. At most one version is pending. */
  readonly pending: boolean;
}

export interface StoredSecret {
  readonly identity: Identity;
  /** What a reader needs to find it: an ARN, or whatever names it in this store. */
  readonly reference: string;
  /** The stored versions. Those that were removed are not among them, even where the store can still restore them. */
  readonly versions: readonly StoredVersion[];
  /**
   * How many keys more can be stored in it before one that is stored would be dropped; absent where a store drops none, and where its
   * row in the table (`mostVersions`) says it all.
   */
  readonly room?: number;
}

/** A key that was stored. */
export interface StoredKey {
  /** The secret's, as in `StoredSecret`. */
  readonly reference: string;
  /** Whether readers who name no version get this one. Also false where that is not known without another call. */
  readonly current: boolean;
}

export interface SecretPage {
  readonly secrets: readonly StoredSecret[];
  readonly cursor?: string;
}

/**
 * Every method throws {VendingError}: STORE_UNAVAILABLE when the store cannot be asked (a write may have been done all the
 * same: `effect: unknown`), STORE_REFUSED when it refuses for good (`effect: none`), SECRET_NOT_OURS when something of that
 * name is there that this deployment did not make; that is never touched.
 */
export interface SecretStore {
  /**
   * Makes sure that a key can be stored for an identity, before there is one: that its secret is ours, open and writable. What
   * a put would find out too late, or would have to wait for, is done here. Brings back a secret of ours that was removed.
   * @param mayArrive how many keys, beside the one that is to come, were sent earlier and may still be stored. Where a store drops a
   * version for each one too many, no key is lost for any of these: STORE_REFUSED. Default none.
   * @param traits what the secret is to have, also where it is there already: tags are added, and never taken off. STORE_REFUSED for a
   * key that does not exist, and for another one than that of a secret that the store cannot put under another key.
   */
  prepare(identity: Identity, mayArrive?: number, traits?: SecretTraits): Promise<void>;

  /**
   * Stores a key under a version id. The same id and key again change nothing. Never takes `current` away from another version;
   * the first version of a secret may get it by itself. Brings back a secret of ours that was removed.
   * @param key the text to hand to a reader, as it is
   * @param signBefore no request is signed after this moment
   * @param keyPairId shown with the version from then on: some clouds tell it once, so it must not be lost while the key is not
   * @param traits what the secret is to have if it has to be made; one that is there stays as it is
   * @returns where it is stored
   * @throws {VendingError} VERSION_TAKEN when the id holds another key
   */
  put(
    identity: Identity,
    versionId: string,
    key: Secret,
    signBefore?: Deadline,
    keyPairId?: string,
    traits?: SecretTraits,
  ): Promise<StoredKey>;

  /**
   * Where a store drops the earliest version of a secret for each one too many: stores a version's key once more, as the latest one,
   * under the same id to its readers. Only such stores have it.
   * @param signBefore no request is signed after this moment
   * @throws {VendingError} STORE_REFUSED where that would drop another key that is stored
   */
  renew?(identity: Identity, versionId: string, signBefore: Deadline): Promise<void>;

  /** What is stored for an identity; undefined when nothing is, or when all of it was removed. */
  find(identity: Identity): Promise<StoredSecret | undefined>;

  /**
   * Makes a stored version the one that readers get.
   * @param from the version that is current now, as far as the caller knows; undefined for none
   * @param signBefore no request is signed after this moment
   * @returns whether it is current now; false when another version than `from` was, and then nothing changed
   */
  makeCurrent(identity: Identity, versionId: string, from: string | undefined, signBefore?: Deadline): Promise<boolean>;

  /**
   * Marks a stored version, and no other, as the one that a rotation is bringing in; undefined marks none. A sign for people
   * and their tools: no reader gets another version because of it.
   * @param signBefore no request is signed after this moment
   * @throws {VendingError} STORE_UNAVAILABLE also for a version that is not stored, as some stores are late to show what is
   */
  markPending(identity: Identity, versionId: string | undefined, signBefore?: Deadline): Promise<void>;

  /**
   * Removes one version with all its marks; it can be recovered during the store's recovery window. What is not there counts as
   * removed. When it was the current one, none is current until `makeCurrent` with `from` undefined: no store passes the label
   * on by itself.
   */
  remove(identity: Identity, versionId: string): Promise<void>;

  /**
   * Brings a secret back that is removed as a whole while a version of it is stored: a removal of the last version may take effect later
   * than it was answered, and then takes what was stored meanwhile with it. Without such a version nothing is changed.
   */
  restoreSecret(identity: Identity): Promise<void>;

  /** The key itself: a version's, or without an id the current one's. Undefined when it is not stored. */
  reveal(identity: Identity, versionId?: string): Promise<Secret | undefined>;

  /**
   * Everything of this deployment's, page by page, in a stable order. A page may be empty and have a cursor all the same.
   * @throws {VendingError} INVALID_REQUEST for a cursor that no page of this store gave
   */
  list(cursor?: string): Promise<SecretPage>;

  close(): Promise<void>;
}

export const notStored = () => new VendingError('STORE_UNAVAILABLE', 'The store shows no such version yet');
