// The port: what keyvend writes down before it acts, so that a later worker knows what may have happened. One record per
// identity, replaced as a whole, and only by a writer that has read its latest revision. No ledger needs more than conditional
// writes of single items; whatever a record says about other items is written to those first.
import type { Deadline } from '../clock.ts';
import type { Identity } from '../identity.ts';
import type { Stretch } from '../stretches.ts';

/** What a record is found by, besides its identity. The ledger reads these; the rest of a record is opaque to it. */
export interface Indexed {
  readonly identity: Identity;
  /** For listing; a small closed set of words. */
  readonly state: string;
  /** It belongs to another record, and is not listed among those that stand for themselves (`own`). */
  readonly aside?: boolean;
  /** When recovery must look at this record next, in wall-clock milliseconds; absent when it need not. */
  readonly settleAtMs?: number;
  /** When its rotation is due, likewise. */
  readonly rotateAtMs?: number;
  /** Since when an event about it waits to be published, likewise. */
  readonly announceAtMs?: number;
}

/** What comes due. Each is an index of its own: finding it costs what is due, not what exists. */
export type Due = 'settle' | 'rotate' | 'announce';

export interface Filed<R> {
  readonly record: R;
  /** Counts the replacements; 1 for a new record. */
  readonly revision: number;
}

/** One page, in a stable order. Without a cursor, it was the last one. */
export interface RecordPage<R> {
  readonly records: readonly R[];
  /** Opaque, for the next page; safe to hand to a caller. */
  readonly cursor?: string;
}

export interface Listing {
  readonly provider?: Identity['provider'];
  readonly region?: string;
  readonly state?: string;
  /** Without those that belong to another record. */
  readonly own?: true;
  /** 1 to 100. */
  readonly limit: number;
  readonly cursor?: string;
  /** Only what lies in one of these stretches of `listedAs`, in order and apart. No end is the position of a record. */
  readonly within?: readonly Stretch[];
}

/**
 * @typeParam R the record: JSON data of up to 100 KB; more of it where that packs into 390 KB (`packed.ts`)
 * @typeParam A the attempt: JSON data of up to 10 KB
 *
 * Every method throws {VendingError} LEDGER_UNAVAILABLE when the ledger cannot be asked. A write that ends like that may have
 * been done (`effect: unknown`); a read shows it. What this port does not allow is a {TypeError}, and is not written.
 */
export interface Ledger<R extends Indexed, A> {
  read(identity: Identity): Promise<Filed<R> | undefined>;

  /**
   * Replaces a record, or makes it.
   * @param expected the revision that was read, 0 for "there is none"
   * @returns the new revision, or `conflict` when somebody else was faster; then nothing was written
   */
  write(record: R, expected: number): Promise<number | 'conflict'>;

  /**
   * Lists by provider, region and state, in order of provider, region, account and name. Some ledgers find a record a moment
   * late; what they show of it is current, so a page may hold fewer than asked for although more follow, as it does where records
   * are long (`PAGE_LENGTH`).
   * @throws {VendingError} INVALID_REQUEST for a cursor that is none, or that is of another filter
   */
  list(listing: Listing): Promise<RecordPage<R>>;

  /** What is due at `nowMs`, the longest overdue first, at most `limit` (1 to 1000). May be slightly old: read before acting. */
  due(what: Due, nowMs: number, limit: number): Promise<readonly Identity[]>;

  /**
   * Files an attempt under its identity, for good; filing the same id again replaces it, whoever filed it last.
   * @param signBefore no request is signed after this moment
   * @param untilMs where it is not for good: it is forgotten at some time after that
   */
  fileAttempt(
    identity: Identity,
    attemptId: string,
    attempt: A,
    signBefore?: Deadline,
    untilMs?: number,
  ): Promise<void>;
  /** All attempts of an identity but those that were forgotten; in no particular order. */
  attempts(identity: Identity): Promise<ReadonlyMap<string, A>>;

  /**
   * Remembers a value under a key until a moment, unless one is remembered there already.
   * @param untilMs from this moment on it is forgotten
   * @returns the value that stands: the given one, or the earlier one that has not expired at `nowMs`
   */
  remember(key: string, value: string, nowMs: number, untilMs: number): Promise<string>;
  /** What is remembered under a key and has not expired at `nowMs`. */
  recall(key: string, nowMs: number): Promise<string | undefined>;
  /** Remembers a value in place of whatever is remembered under the key. */
  restate(key: string, value: string, untilMs: number): Promise<void>;

  /**
   * Acquires one of `permits` permits in a window of time, for keeping a rate across all functions.
   * @param window names the permits: provider, account and second
   * @param untilMs when the count may be forgotten
   * @returns whether there was one left; a permit whose taker got no answer stays taken
   */
  tryAcquire(window: string, permits: number, untilMs: number): Promise<boolean>;

  /**
   * Takes a place among `most` for somebody; who has one already keeps it, whatever the number. It lasts until it is given back.
   * @param group names the places @param holder whose it is
   * @param signBefore no request is signed after this moment
   * @returns whether there was one
   */
  claim(group: string, holder: string, most: number, signBefore?: Deadline): Promise<boolean>;
  /** Whether `claim` would give a place at this moment. */
  claimable(group: string, holder: string, most: number): Promise<boolean>;
  /** Gives a place back; nothing happens where there is none. */
  unclaim(group: string, holder: string): Promise<void>;

  /**
   * What tells this very table or file from one that was restored or copied: the same for as long as nothing of that kind has
   * happened. A file that was put back to an earlier state is another one, too.
   */
  home(): Promise<string>;

  close(): Promise<void>;
}
