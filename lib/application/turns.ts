// Whose turn it is, of places that may be more than there is time for: each run goes on where the one before came to its end.
import { DAY_MS } from '../clock.ts';
import { type Place, placeKey } from '../identity.ts';
import type { Ports } from '../vending/ports.ts';

type Remembering = Pick<Ports, 'ledger' | 'clock'>;

const KEPT_MS = 7 * DAY_MS;

/** What a walk over places needs: who comes, and a word before each is begun. */
export interface Turns {
  readonly places: readonly Place[];
  /**
   * To be said before the place of that number is begun: what it takes longer than there is time must not keep the others from
   * their turn.
   */
  begin(i: number): Promise<void>;
}

/** All of them, from the one at which the run before came to its end. @param key under which that is remembered */
export async function turnsFrom({ ledger, clock }: Remembering, key: string, places: readonly Place[]): Promise<Turns> {
  const next = await ledger.recall(key, clock.wallMs());
  const sorted = inOrder(places);
  const at = sorted.findIndex((place) => next !== undefined && placeKey(place) >= next);
  const turn = at <= 0 ? sorted : [...sorted.slice(at), ...sorted.slice(0, at)];
  return {
    places: turn,
    begin: (i) => ledger.restate(key, placeKey(turn[(i + 1) % turn.length]!), clock.wallMs() + KEPT_MS),
  };
}

/** Of so many that nobody remembers where it ended: all of them, each time. */
export const allOf = (places: readonly Place[]): Turns => ({ places, begin: async () => {} });

const [BEGUN, REST] = ['reconcile begun', 'reconcile rest'];
/** One that is asked for every few minutes begins at about the same time each day. */
const EARLY_MS = 10 * 60_000;

/**
 * One pass over all places a day, in as many runs as that takes: begun where the last one was begun a day ago, and gone on with until
 * it has come to its end.
 * @returns from which place on (`placeKey`) it is to be gone on with; undefined where none is due
 * @throws {VendingError} LEDGER_UNAVAILABLE
 */
export async function dailyPass({ ledger, clock }: Remembering): Promise<string | undefined> {
  const nowMs = clock.wallMs();
  const from = await ledger.recall(REST, nowMs);
  if (from !== undefined) return from;
  if ((await ledger.recall(BEGUN, nowMs)) !== undefined) return undefined;
  await ledger.restate(REST, FIRST, nowMs + KEPT_MS); // first: a run that ends between the two is gone on with
  await ledger.restate(BEGUN, new Date(nowMs).toISOString(), nowMs + DAY_MS - EARLY_MS);
  return FIRST;
}

/** What is left of a pass, as `dailyPass` said it. */
export async function restOf({ ledger, clock }: Remembering, from: string, places: readonly Place[]): Promise<Turns> {
  const rest = inOrder(places).filter((place) => placeKey(place) >= from);
  const goOnAt = (next: Place | undefined) =>
    next === undefined
      ? ledger.restate(REST, LAST, clock.wallMs()) // it is over, and that is not remembered any more
      : ledger.restate(REST, placeKey(next), clock.wallMs() + KEPT_MS);
  if (rest.length === 0) await goOnAt(undefined);
  return { places: rest, begin: (i) => goOnAt(rest[i + 1]) };
}

/** Before and after every place. */
const [FIRST, LAST] = ['!', '~'];

const inOrder = (places: readonly Place[]): Place[] => places.toSorted((a, b) => (placeKey(a) < placeKey(b) ? -1 : 1));
