// The response header of a place that is close to its quota. What was counted is read beside a request and kept for a while by
// each function: a request waits for none of this.
import { systemClock, wait } from '../clock.ts';
import { type Place, warningKey } from '../ledger/places.ts';
import { runtime } from './runtime.ts';

const KEEP_MS = 60_000;
/** A request's own first reads come before: this then goes over their connection, instead of opening one more. */
const AFTER_MS = 25;
const MOST_PLACES = 1_000;
const known = new Map<string, { warning?: string | undefined; readonly untilMs: number }>();

/** @returns gives the header as far as it is known by then: `Key-Pair-Usage: used=460, limit=500` (RFC 9651), or none */
export function usageHeader(place: Place): () => { 'key-pair-usage'?: string } {
  const key = warningKey(place);
  const nowMs = systemClock.monotonicMs();
  if ((known.get(key)?.untilMs ?? 0) <= nowMs) {
    if (known.size >= MOST_PLACES) known.clear();
    const entry = { ...known.get(key), untilMs: nowMs + KEEP_MS };
    known.set(key, entry);
    const asked = async () => {
      await wait(AFTER_MS);
      const { ledger, clock } = (await runtime()).parts;
      entry.warning = await ledger.recall(key, clock.wallMs());
    };
    asked().catch(() => {}); // it is a courtesy
  }
  return () => {
    const warning = known.get(key)?.warning;
    return warning ? { 'key-pair-usage': warning } : {};
  };
}
