// The port: who keeps the private keys. A secret holds one identity's keys, one version per attempt that made one.
import type { Deadline } from '../clock.ts';
import { VendingError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { Secret } from '../secret.ts';

/** One kept key, without the key. */
export interface StoredVersion {
  /** The id of the attempt that made it, a UUID. */
  readonly id: string;
  /** Undefined where the store tells it only to who asks for one version at a time. */
  readonly createdAtMs?: number;
  /** Whether a reader who asks for no version gets this one. At most one is. */
  readonly current: boolean;
  /** Whether it is the one that a rotation is bringing in. At most one is. */
  readonly pending: boolean;
}

export interface StoredSecret {
  readonly identity: Identity;
  /** What a reader needs to find it: an ARN, or whatever names it in this store. */
  readonly reference: string;
  /** Those that are kept. Versions that were removed do not count, even where the store can still restore them. */
  readonly versions: readonly StoredVersion[];
}

/** A key that is kept. */
export interface StoredKey {
  /** The secret's, as in `StoredSecret`. */
  readonly reference: string;
  /** Whether readers who ask for no version get this one. False also where that is not known without another look. */
  readonly current: boolean;
}

export interface SecretPage {
  readonly secrets: readonly StoredSecret[];
  readonly cursor?: string;
}

/**
 * Every method throws {VendingError}: STORE_UNAVAILABLE when the store cannot be asked (a write may have been done all the
 * same: `effect: unknown`), STORE_REFUSED when it says no for good (`effect: none`), SECRET_NOT_OURS when something of that
 * name is there that this deployment did not make; that is never touched.
 */
export interface SecretStore {
  /**
   * Makes sure that a key can be kept for an identity, before there is one: the place is ours, open and writable. What a put
   * would find out too late, and what it would have to wait for, is done here. Brings back a secret of ours that was removed.
   */
  prepare(identity: Identity): Promise<void>;

  /**
   * Keeps a key under a version id. The same id and key again is no change. Never takes `current` away from another
   * version; the first version of a secret may get it by itself. Brings back a secret of ours that was removed.
   * @param key the text to hand to a reader, as it is
   * @param signBefore no request is signed after this moment
   * @returns where it is kept
   * @throws {VendingError} VERSION_TAKEN when the id holds another key
   */
  put(identity: Identity, versionId: string, key: Secret, signBefore?: Deadline): Promise<StoredKey>;

  /** What is kept for an identity; undefined when nothing is, or what was is removed. */
  find(identity: Identity): Promise<StoredSecret | undefined>;

  /**
   * Makes a kept version the one that readers get.
   * @param from the version that is current now, as far as the caller knows; undefined for none
   * @returns whether it is current now; false when another version than `from` was, and then nothing changed
   */
  makeCurrent(identity: Identity, versionId: string, from: string | undefined): Promise<boolean>;

  /**
   * Marks a kept version as the one that a rotation is bringing in, and no other; undefined: none. A sign for people and their
   * tools: no reader gets another version because of it.
   * @param signBefore no request is signed after this moment
   * @throws {VendingError} STORE_UNAVAILABLE also for a version that is not kept, because some stores show late what is
   */
  markPending(identity: Identity, versionId: string | undefined, signBefore?: Deadline): Promise<void>;

  /**
   * Removes one version with all its marks, recoverably for as long as the store's recovery window. What is not there is
   * removed. When it was the current one, none is current until `makeCurrent` with `from` undefined: no store passes the label
   * on by itself.
   */
  remove(identity: Identity, versionId: string): Promise<void>;

  /** The key itself: a version's, or without an id the current one's. Undefined when it is not kept. */
  reveal(identity: Identity, versionId?: string): Promise<Secret | undefined>;

  /**
   * Everything of this deployment's, page by page, in a stable order. A page may be empty and have a cursor all the same.
   * @throws {VendingError} INVALID_REQUEST for a cursor that no page of this store gave
   */
  list(cursor?: string): Promise<SecretPage>;

  close(): Promise<void>;
}

export const notStored = () => new VendingError('STORE_UNAVAILABLE', 'The store shows no such version yet');
