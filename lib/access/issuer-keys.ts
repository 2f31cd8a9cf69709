// The public keys of one issuer, as this process knows them. A key that the issuer withdraws stops within `freshMs`; an issuer
// that cannot be had for a while stops nobody; and however many requests ask, the issuer is asked once.
import { type Clock, type Deadline, deadlineIn, leftMs } from '../clock.ts';
import { VendingError } from '../errors.ts';
import { one } from './claims.ts';
import type { FetchKeys } from './fetch-keys.ts';
import { type KeySet, keySetOf } from './key-set.ts';

const USABLE_MS = 60 * 60_000;
const FETCH_MS = 3_000;
/** How often a token with an unknown key or a wrong signature, which anyone can send, makes us ask. */
const ASK_AGAIN_MS = 30_000;
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [1_000, 60_000];

export interface IssuerKeysOptions {
  /** How the log calls the issuer. */
  readonly name: string;
  readonly fetch: FetchKeys;
  readonly clock: Clock;
  /** Default 5 minutes. */
  readonly freshMs?: number;
  /** Called with what an operator has to know: no keys, and why; a key that was left out, by its `kid`. */
  warn(message: string, fields: object): void;
}

export interface IssuerKeys {
  /**
   * Fresh keys, or for up to an hour the last ones while the issuer cannot be had.
   * @param leftMs how long the request can wait
   * @throws {VendingError} ISSUER_UNREACHABLE
   */
  current(leftMs: number): Promise<KeySet>;
  /**
   * Keys published since: for a token that `seen` does not verify. Returns `seen` itself when it is too early to ask again.
   * @throws {VendingError} ISSUER_UNREACHABLE
   */
  newerThan(seen: KeySet, leftMs: number): Promise<KeySet>;
  /** Begins to fetch them before anybody asks. That it failed keeps nobody from trying: the first request does so again at once. */
  fetchEarly(): void;
}

export function issuerKeys({ name, fetch, clock, freshMs = 5 * 60_000, warn }: IssuerKeysOptions): IssuerKeys {
  const isOver = (deadline: Deadline | undefined) => deadline === undefined || leftMs(clock, deadline) <= 0;
  let known: { readonly set: KeySet; readonly fresh: Deadline; readonly usable: Deadline } | undefined;
  let flight: { readonly keys: Promise<KeySet>; readonly over: Deadline } | undefined;
  let failed: { readonly pauseMs: number; readonly until: Deadline } | undefined;
  let again: Deadline | undefined;
  let told = '';

  const unreachable = () =>
    new VendingError('ISSUER_UNREACHABLE', 'The keys of the token issuer cannot be fetched', {
      retryAfterMs: Math.max(FIRST_PAUSE_MS, failed === undefined ? 0 : leftMs(clock, failed.until)),
    });

  /** One flight at a time. One that should be over, as after a frozen process wakes up, is not waited for. */
  function fetched(): Promise<KeySet> {
    if (flight !== undefined && !isOver(flight.over)) return flight.keys;
    if (failed !== undefined && !isOver(failed.until)) return Promise.reject(unreachable());
    // Counted from the start: what was withdrawn while the answer was on its way is withdrawn.
    const age = { fresh: deadlineIn(clock, freshMs), usable: deadlineIn(clock, USABLE_MS) };
    again = deadlineIn(clock, ASK_AGAIN_MS);
    const keys = fetch(FETCH_MS).then(keySetOf);
    const mine = { over: deadlineIn(clock, FETCH_MS), keys: keys.then(succeed, fail) };
    flight = mine;
    return mine.keys;

    function succeed(set: KeySet): KeySet {
      if (flight !== mine) return set;
      known = { set, ...age };
      flight = failed = undefined;
      tell(set);
      return set;
    }
    function fail(error: unknown): never {
      if (flight === mine) {
        const pauseMs = Math.min(LONGEST_PAUSE_MS, failed === undefined ? FIRST_PAUSE_MS : failed.pauseMs * 2);
        failed = { pauseMs, until: deadlineIn(clock, pauseMs) };
        flight = undefined;
        warn('issuer keys not fetched', { issuer: name, reason: (error as Error).message, pauseMs });
      }
      throw unreachable();
    }
  }

  /** Once for each change, not at every fetch. */
  function tell({ dropped }: KeySet): void {
    const now = JSON.stringify(dropped);
    if (now === told) return;
    told = now;
    for (const { kid, reason } of dropped) {
      warn('issuer key not used', { issuer: name, kid: one(kid)?.slice(0, 100), reason });
    }
  }

  /** The flight may be somebody else's, who can wait longer. */
  const within = (waitMs: number, keys: Promise<KeySet>): Promise<KeySet> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(unreachable()), Math.min(FETCH_MS, Math.max(0, waitMs)));
      keys.then(resolve, reject).finally(() => clearTimeout(timer));
    });

  return {
    async current(waitMs) {
      if (known !== undefined && !isOver(known.fresh)) return known.set;
      return within(waitMs, fetched()).catch((error: unknown) => {
        if (known === undefined || isOver(known.usable)) throw error;
        return known.set;
      });
    },
    async newerThan(seen, waitMs) {
      if (known !== undefined && known.set !== seen) return known.set;
      if (flight === undefined && !isOver(again)) {
        if (failed !== undefined) throw unreachable();
        return seen;
      }
      return within(waitMs, fetched());
    },
    fetchEarly() {
      fetched().catch(() => {
        failed = undefined;
      });
    },
  };
}
