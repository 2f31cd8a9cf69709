// Every fault, at every step: alone, for every provider and trigger; and two at a time for a vend over HTTP. And every
// fault at every call of one kind, alone and two at a time: what several tries do not survive.

import { providerNames } from '../../lib/provider-table.ts';
import type { Share } from './at-once.ts';
import { type Case, type Placed, runCase } from './cases.ts';
import { everyCall, everyFault, fits } from './faults.ts';
import type { Run } from './run.ts';

export interface Counted {
  /** Cases there are, and how many of them were run. */
  readonly all: number;
  readonly run: number;
}

/** @returns all faults at all steps of one process, as it goes when nothing else happens */
const placedIn = (who: string, calls: readonly string[] = [], from = 1, faults = everyFault): Placed[] =>
  calls.flatMap((call, i) =>
    i + 1 < from ? [] : faults.filter((fault) => fits(fault, call)).map((fault) => ({ who, at: i + 1, fault })),
  );

/**
 * What a recovery finds: a process that died when the pair was made, when the key was stored, or before it counted; and
 * one that stored another key than the pair's.
 */
async function deaths(provider: Case['provider']): Promise<Placed[][]> {
  const calls = (await runCase({ provider, trigger: 'once', faults: [] })).calls.get('once.1')!;
  const at = (step: number, kind: 'crash after' | 'crash before' | 'another pair'): Placed => ({
    who: 'once.1',
    at: step,
    fault: { kind },
  });
  const create = calls.indexOf('cloud.create') + 1;
  const put = calls.indexOf('store.put') + 1;
  return [
    [at(create, 'crash after')],
    [at(put, 'crash after')],
    [at(calls.lastIndexOf('ledger.write', calls.indexOf('bus.publish')) + 1, 'crash before')],
    [at(create, 'another pair'), at(put, 'crash after')],
  ];
}

/** Likewise, where the key is made here: when it was stored, when it was to be imported, when it was, and before it counted. */
async function importDeaths(provider: Case['provider']): Promise<Placed[][]> {
  const calls = (await runCase({ provider, trigger: 'once', importing: true, faults: [] })).calls.get('once.1')!;
  const at = (step: number, kind: 'crash after' | 'crash before'): Placed[] => [
    { who: 'once.1', at: step, fault: { kind } },
  ];
  const imported = calls.indexOf('cloud.import') + 1;
  return [
    at(calls.indexOf('store.put') + 1, 'crash after'),
    at(imported, 'crash before'),
    at(imported, 'crash after'),
    at(calls.lastIndexOf('ledger.write', calls.indexOf('bus.publish')) + 1, 'crash before'),
  ];
}

/** It fails until it is given up, although it has done what it was asked for. */
const storeFails: Placed = { who: 'http.1', at: 'store.put', fault: { kind: 'fails after' } };

/**
 * One fault: in the first process of a request over HTTP or from the queue, in the recovery after one that died, and in
 * one that has to take everything back, because the store fails or the key is not proven.
 */
async function* singles(): AsyncGenerator<Case> {
  for (const provider of providerNames) {
    const given: [Omit<Case, 'faults'>, who: string, before: Placed[]][] = [
      [{ provider, trigger: 'http' }, 'http.1', []],
      [{ provider, trigger: 'queue' }, 'queue.1', []],
    ];
    for (const died of await deaths(provider)) given.push([{ provider, trigger: 'once' }, 'recovery1', died]);
    given.push([{ provider, trigger: 'http' }, 'http.1', [storeFails]]);
    if (provider === 'ens') given.push([{ provider, trigger: 'http', unproven: true }, 'http.1', []]);
    for (const [one, who, before] of given) {
      const { calls } = await runCase({ ...one, faults: before });
      for (const placed of placedIn(who, calls.get(who))) yield { ...one, faults: [...before, placed] };
    }
  }
}

/** One fault where keys are made here: in the same places, and in the recovery after one that died. */
async function* imported(): AsyncGenerator<Case> {
  for (const provider of providerNames) {
    const importing = true;
    const given: [Omit<Case, 'faults'>, who: string, before: Placed[]][] = [
      [{ provider, trigger: 'http', importing }, 'http.1', []],
      [{ provider, trigger: 'queue', importing }, 'queue.1', []],
      [{ provider, trigger: 'http', importing }, 'http.1', [storeFails]],
    ];
    for (const died of await importDeaths(provider))
      given.push([{ provider, trigger: 'once', importing }, 'recovery1', died]);
    if (provider === 'ens') given.push([{ provider, trigger: 'http', importing, unproven: true }, 'http.1', []]);
    for (const [one, who, before] of given) {
      const { calls } = await runCase({ ...one, faults: before });
      for (const placed of placedIn(who, calls.get(who))) yield { ...one, faults: [...before, placed] };
    }
  }
}

/**
 * Freezes enough to fall on either side of every limit that matters to two processes; and no answer that lies and
 * agrees with itself: that shows only when the pair is looked at, which the other fault may prevent.
 */
const forPairs = everyFault.filter((fault) =>
  'forMs' in fault ? [40_000, 110_000, 1_020_000].includes(fault.forMs) : fault.kind !== 'another pair',
);

/** Two faults: at two steps of the first process, or one there and one in the process that comes next. */
async function* pairs(): AsyncGenerator<Case> {
  for (const provider of providerNames) {
    const trigger = 'http';
    const alone = (await runCase({ provider, trigger, faults: [] })).calls.get('http.1');
    for (const first of placedIn('http.1', alone, 1, forPairs)) {
      const [[, own], next] = [...(await runCase({ provider, trigger, faults: [first] })).calls] as [Calls, Calls?];
      const later = placedIn('http.1', own, Number(first.at) + 1, forPairs);
      if (next !== undefined) later.push(...placedIn(next[0], next[1], 1, forPairs));
      for (const second of later) yield { provider, trigger, faults: [first, second] };
    }
  }
}
type Calls = [process: string, calls: readonly string[]];

/** To freeze again and again, for each of many lengths, is not worth it here. */
const forCalls = forPairs.filter((fault) => !('forMs' in fault) && fault.kind !== 'crash before');

/** One or two calls that have the same fault every time, until the caller gives up. */
async function* sickCalls(): AsyncGenerator<Case> {
  const trigger = 'http';
  const each = everyCall.flatMap((at) =>
    forCalls.filter((fault) => fits(fault, at)).map((fault): Placed => ({ who: trigger, at, fault })),
  );
  for (const provider of providerNames) {
    for (const [i, first] of each.entries()) {
      yield { provider, trigger, faults: [first] };
      const called = new Set([...(await runCase({ provider, trigger, faults: [first] })).calls.values()].flat());
      for (const second of each.slice(i + 1))
        if (first.at !== second.at && called.has(String(second.at)))
          yield { provider, trigger, faults: [first, second] };
    }
  }
}

const strangers = (['deletes', 'replaces'] as const).flatMap((act) =>
  [150_000, 1_050_000, 'cloud.create', 'store.put', 'ledger.write', 'bus.publish'].map((when) => ({ act, when })),
);

/** One fault, and a stranger who comes at the worst moment. */
async function* withStranger(): AsyncGenerator<Case> {
  const trigger = 'http';
  const faults = forPairs.filter((fault) => !('forMs' in fault));
  for (const provider of providerNames) {
    const calls = (await runCase({ provider, trigger, faults: [] })).calls.get('http.1');
    for (const stranger of strangers)
      for (const placed of placedIn('http.1', calls, 1, faults))
        yield { provider, trigger, stranger, faults: [placed] };
    // One that dies with its record written and its attempt's row lost, and a stranger who comes once it was given up, before somebody
    // asks again.
    const opened = (await runCase({ provider, trigger: 'once', faults: [] })).calls.get('once.1')!;
    const died: readonly Placed[] = [
      { who: 'once.1', at: 'ledger.fileAttempt', fault: { kind: 'request lost' } },
      { who: 'once.1', at: opened.indexOf('ledger.write') + 1, fault: { kind: 'crash after' } },
    ];
    for (let when = 180_000; when < 200_000; when += 1_000)
      yield { provider, trigger: 'once', stranger: { act: 'makes', when }, faults: died };
  }
}

/**
 * Two processes that die, one after the other, and a third that comes when the first one's horizon is over: with one
 * fault of the third's, or with a list that lags and turns in another order.
 */
async function* oneAfterTheOther(): AsyncGenerator<Case> {
  const trigger = 'thrice';
  const at = (died: readonly Placed[], who: string) => died.map((placed) => ({ ...placed, who: `${who}.1` }));
  for (const provider of providerNames) {
    const all = await deaths(provider);
    const died = [...at(all[0]!, 'first'), ...at(all[0]!, 'second')];
    const calls = (await runCase({ provider, trigger, faults: died })).calls.get('third.1');
    for (const placed of placedIn('third.1', calls, 1, forPairs))
      yield { provider, trigger, faults: [...died, placed] };
    for (const first of all)
      for (const second of all)
        for (let seed = 1; seed <= 12; seed += 1)
          yield { provider, trigger, seed, lagging: true, faults: [...at(first, 'first'), ...at(second, 'second')] };
  }
}

/** Those who answer callers may read stored keys, as on one machine: then they settle themselves what another one left. */
async function* reading(): AsyncGenerator<Case> {
  for (const provider of providerNames) {
    for (const died of await deaths(provider)) {
      const faults = died.map((placed) => ({ ...placed, who: placed.who.replace('once', 'http') }));
      const one = { provider, trigger: 'http', reading: true } as const;
      const { calls } = await runCase({ ...one, faults });
      for (const who of ['http.2', 'http.3'])
        for (const placed of placedIn(who, calls.get(who), 1, forPairs)) yield { ...one, faults: [...faults, placed] };
    }
  }
}

/** Of one family there are so many that one in 29 is run, unless all are wanted. */
export const families = {
  'one fault at every step': { cases: singles, every: 1 },
  'imported: one fault at every step': { cases: imported, every: 1 },
  'one fault and a stranger': { cases: withStranger, every: 1 },
  'one after the other': { cases: oneAfterTheOther, every: 1 },
  'settled by who asks next': { cases: reading, every: 1 },
  'two faults at two steps': { cases: pairs, every: 29 },
  'calls that always fail, one or two': { cases: sickCalls, every: 1 },
} as const;

/**
 * Runs every case, or one in so many.
 * @param see gets each run, and says whether to go on
 */
export async function runAll<C>(
  cases: AsyncGenerator<C>,
  stride: number,
  see: (run: Run) => boolean,
  play: (one: C) => Promise<Run>,
  { part, of }: Share = { part: 0, of: 1 },
): Promise<Counted> {
  let all = 0;
  let run = 0;
  for await (const one of cases) {
    all += 1;
    if (all % stride !== 0 || (all / stride) % of !== part) continue;
    run += 1;
    if (!see(await play(one))) break;
  }
  return { all, run };
}
