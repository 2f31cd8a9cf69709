// A ledger that is gone with its process: the port's promises and nothing else, for the simulation and for unit tests.
// A method does its work in one turn, so all is atomic; what it takes and gives is copied, as by any other ledger.
import type { Clock } from '../../lib/clock.ts';
import { type Identity, identityOf } from '../../lib/identity.ts';
import {
  atMost,
  attemptJson,
  type Entry,
  entryOf,
  keyOf,
  milliseconds,
  PAGE_LENGTH,
  revisionOf,
} from '../../lib/ledger/entry.ts';
import type { Indexed, Ledger } from '../../lib/ledger/ledger.ts';
import { keyRangesOf } from '../../lib/ledger/listing.ts';
import { cursorAfter } from '../../lib/ledger/listing-cursor.ts';

interface Kept extends Entry {
  readonly revision: number;
}

interface Backup {
  readonly records: Map<string, Kept>;
  readonly attempts: Map<string, Map<string, string>>;
  readonly remembered: Map<string, { readonly value: string; readonly untilMs: number }>;
}
let tables = 0;

/** @typeParam R and A as of `Ledger` */
export interface MemoryLedger<R extends Indexed, A> extends Ledger<R, A> {
  /** Who holds a place in a group. */
  claimed(group: string): ReadonlySet<string>;
  /** Every attempt that was ever filed of an identity, the forgotten ones as they were last. */
  everFiled(identity: Identity): ReadonlyMap<string, A>;
  /** All that is in it. */
  backUp(): Backup;
  /** Puts a backup in place of what is in it, its own or another ledger's. As with a table, that makes it another one. */
  restore(backup: Backup): void;
}

export function memoryLedger<R extends Indexed, A>({ clock }: { readonly clock: Clock }): MemoryLedger<R, A> {
  let { records, attempts, remembered }: Backup = {
    records: new Map(),
    attempts: new Map(),
    remembered: new Map(),
  };
  tables += 1;
  let home = `table ${tables}`;
  const permits = new Map<string, { taken: number; untilMs: number }>();
  /** Until when attempts are kept that are not kept for good. */
  const forgotten = new Map<string, Map<string, number>>();
  const gone = new Map<string, Map<string, string>>();
  const claims = new Map<string, Set<string>>();
  /** As soon as it may be, which is when it does most harm. */
  const forget = () => {
    for (const [key, ids] of forgotten) {
      for (const [id, ms] of ids) {
        if (ms > clock.wallMs()) continue;
        const json = attempts.get(key)?.get(id);
        attempts.get(key)?.delete(id);
        if (json !== undefined) gone.set(key, (gone.get(key) ?? new Map<string, string>()).set(id, json));
        ids.delete(id);
      }
      if (ids.size === 0) forgotten.delete(key);
    }
  };
  const attemptsIn = (filed: ReadonlyMap<string, string> = new Map()) =>
    new Map([...filed].map(([id, json]) => [id, JSON.parse(json) as A]));
  const recordOf = ({ json }: Kept) => JSON.parse(json) as R;

  return {
    backUp: () => structuredClone({ records, attempts, remembered }),
    restore(backup) {
      ({ records, attempts, remembered } = structuredClone(backup));
      tables += 1;
      home = `table ${tables}`;
    },

    async read(identity) {
      const kept = records.get(keyOf(identity));
      return kept && { record: recordOf(kept), revision: kept.revision };
    },

    async write(record, expected) {
      const entry = entryOf(record);
      if ((records.get(entry.key)?.revision ?? 0) !== revisionOf(expected)) return 'conflict';
      records.set(entry.key, { ...entry, revision: expected + 1 });
      return expected + 1;
    },

    async list(listing) {
      const limit = atMost(listing.limit, 100);
      const stretches = keyRangesOf(listing);
      const found = [...records.values()]
        .filter(({ state }) => listing.state === undefined || state === listing.state)
        .filter(({ aside }) => !(listing.own && aside))
        .filter(({ listed }) => stretches.some(({ after, before }) => after < listed && listed < before))
        .sort((a, b) => (a.listed < b.listed ? -1 : 1));
      let length = 0;
      const page = found.slice(0, limit).filter(({ json }) => {
        const fits = length < PAGE_LENGTH;
        length += json.length;
        return fits;
      });
      const last = page.at(-1);
      return {
        records: page.map(recordOf),
        ...(last && found.length > page.length ? { cursor: cursorAfter(last.listed, listing) } : {}),
      };
    },

    async due(what, nowMs, limit) {
      const latest = milliseconds(nowMs);
      return [...records.values()]
        .flatMap(({ key, due }) => (due[what] !== undefined && due[what] <= latest ? [{ key, at: due[what] }] : []))
        .sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1))
        .slice(0, atMost(limit, 1_000))
        .map(({ key }) => identityOf(key));
    },

    async fileAttempt(identity, attemptId, attempt, _signBefore, untilMs) {
      forget();
      const key = keyOf(identity);
      attempts.set(key, (attempts.get(key) ?? new Map<string, string>()).set(attemptId, attemptJson(attempt)));
      if (untilMs === undefined) forgotten.get(key)?.delete(attemptId);
      else forgotten.set(key, (forgotten.get(key) ?? new Map<string, number>()).set(attemptId, milliseconds(untilMs)));
    },

    async attempts(identity) {
      forget();
      return attemptsIn(attempts.get(keyOf(identity)));
    },

    everFiled: (identity) =>
      attemptsIn(new Map([...(gone.get(keyOf(identity)) ?? []), ...(attempts.get(keyOf(identity)) ?? [])])),

    async remember(key, value, nowMs, untilMs) {
      milliseconds(nowMs);
      const fresh = { value, untilMs: milliseconds(untilMs) };
      const standing = remembered.get(key);
      if (standing && standing.untilMs > nowMs) return standing.value;
      remembered.set(key, fresh);
      return value;
    },

    async recall(key, nowMs) {
      const standing = remembered.get(key);
      return standing && standing.untilMs > milliseconds(nowMs) ? standing.value : undefined;
    },

    async restate(key, value, untilMs) {
      remembered.set(key, { value, untilMs: milliseconds(untilMs) });
    },

    async tryAcquire(window, most, untilMs) {
      for (const [name, one] of permits) if (one.untilMs <= clock.wallMs()) permits.delete(name);
      const taken = permits.get(window)?.taken ?? 0;
      if (taken >= most) return false;
      permits.set(window, { taken: taken + 1, untilMs: milliseconds(untilMs) });
      return true;
    },

    async claim(group, holder, most) {
      const holders = claims.get(group) ?? new Set();
      if (!holders.has(holder) && holders.size >= most) return false;
      claims.set(group, holders.add(holder));
      return true;
    },

    async claimable(group, holder, most) {
      const holders = claims.get(group) ?? new Set();
      return holders.size < most || holders.has(holder);
    },

    async unclaim(group, holder) {
      claims.get(group)?.delete(holder);
    },

    claimed: (group) => claims.get(group) ?? new Set(),

    async home() {
      return home;
    },

    async close() {},
  };
}
