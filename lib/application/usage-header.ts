// The response header of a place that is close to its quota: what was counted on a schedule, read once a minute by each function.
import type { Place } from '../identity.ts';
import { warningKey } from '../ledger/places.ts';
import type { Records } from './runtime.ts';

const KEEP_MS = 60_000;
const MOST_PLACES = 1_000;

/**
 * @returns a function that gives `Key-Pair-Usage: used=460, limit=500` (a dictionary of RFC 9651) for a place, or no header;
 * also none where the ledger cannot be asked
 */
export function usageHeaders({ clock, ledger }: Records): (place: Place) => Promise<{ 'key-pair-usage'?: string }> {
  const known = new Map<string, { readonly warning: string | undefined; readonly untilMs: number }>();
  return async (place) => {
    const key = warningKey(place);
    const nowMs = clock.monotonicMs();
    let entry = known.get(key);
    if (entry === undefined || entry.untilMs <= nowMs) {
      const recalled = ledger().then((known) => known.recall(key, clock.wallMs()));
      const warning = await recalled.catch(() => undefined); // it is a courtesy
      if (known.size >= MOST_PLACES) known.clear();
      entry = { warning, untilMs: nowMs + KEEP_MS };
      known.set(key, entry);
    }
    return entry.warning ? { 'key-pair-usage': entry.warning } : {};
  };
}
