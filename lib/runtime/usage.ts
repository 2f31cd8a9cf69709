// The response header of a place that is close to its quota. What was counted is read beside a request, never before it, and
// kept for a while by each function: a request waits for none of this.
import { type Place, warningKey } from '../ledger/places.ts';
import { runtime } from './runtime.ts';

const KEEP_MS = 60_000;
const known = new Map<string, { warning?: string | undefined; readonly untilMs: number }>();

/** @returns gives the header as far as it is known by then: `Key-Pair-Usage: used=460, limit=500` (RFC 9651), or none */
export function usageHeader(place: Place): () => { 'key-pair-usage'?: string } {
  const key = warningKey(place);
  const nowMs = performance.now();
  if ((known.get(key)?.untilMs ?? 0) <= nowMs) {
    const entry = { ...known.get(key), untilMs: nowMs + KEEP_MS };
    known.set(key, entry);
    const asked = async () => {
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
