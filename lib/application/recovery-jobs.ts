// What schedules call: recovery, the count against quotas, and the comparison of ledger, clouds and secret store with each
// other. All but the count are given the milliseconds that they may take.
import { DAY_MS, type Deadline, deadlineIn, leftMs } from '../clock.ts';
import { parsedValue } from '../contract/parse.ts';
import { ReconcileRequest } from '../contract/reconcile-request.ts';
import { type Place, placeKey } from '../identity.ts';
import { together } from '../together.ts';
import { type Finding, isDoubtful, type Kind, kinds } from '../vending/finding.ts';
import { type LedgerLook, lookAtLedger } from '../vending/ledger-look.ts';
import { listedSecrets } from '../vending/listed-secrets.ts';
import { placesInUse } from '../vending/places-in-use.ts';
import type { Ports } from '../vending/ports.ts';
import { countUsage, type Usage } from '../vending/quota-usage.ts';
import { takeTurn } from '../vending/rate-limit.ts';
import { reconcile } from '../vending/reconcile.ts';
import { type Recovered, recover } from '../vending/recover.ts';
import { replan } from '../vending/rotation/replan.ts';
import { ageDefaults } from './age-defaults.ts';
import { assertConfiguration, type Digests } from './one-configuration.ts';
import type { Connections, Runtime } from './runtime.ts';

/** Reserved for what was begun when the time was up. */
const RESERVE_MS = 10_000;
/** A count is good until the second one after it, so that one that fails does not take the header away. */
const KEEP_MS = 35 * 60_000;

export interface Reconciled extends Place {
  readonly counts: Readonly<Record<Kind, number>>;
  /** All findings but those that matched. */
  readonly findings: readonly Finding[];
}

/**
 * What it found out about the ledger itself, before the places. `failed`: places that could not be read; the log says why.
 * `more`: some were not reached in time.
 */
export interface Reconciliation {
  readonly ledger: LedgerLook;
  readonly places: readonly Reconciled[];
  readonly failed: readonly Place[];
  readonly more: boolean;
}

/** Those that the ledger knows of, and then those that only the secret store does. */
async function* allPlaces(
  ledger: Ports['ledger'],
  { places }: LedgerLook,
  wanted: (place: Place) => boolean,
): AsyncGenerator<Place> {
  const known = new Set<string>();
  for await (const place of placesInUse(ledger, wanted)) {
    known.add(placeKey(place));
    yield place;
  }
  yield* places.filter((place) => wanted(place) && !known.has(placeKey(place)));
}

/** Under which the next place is remembered. */
const RECONCILE_NEXT = 'reconcile next';
const COUNT_NEXT = 'count next';
/** One that does not answer must not hold up all the others. */
const COUNTED_AT_ONCE = 4;
const NEXT_KEPT_MS = 7 * DAY_MS;

/** All of them, beginning where the comparison before came to its end; it may have run out of time. */
async function turnFrom({ ledger, clock }: Ports, key: string, places: readonly Place[]): Promise<readonly Place[]> {
  const next = await ledger.recall(key, clock.wallMs());
  const at = Math.max(
    0,
    places.findIndex((place) => placeKey(place) === next),
  );
  return [...places.slice(at), ...places.slice(0, at)];
}

const goOnAt = ({ ledger, clock }: Ports, key: string, place: Place): Promise<void> =>
  ledger.restate(key, placeKey(place), clock.wallMs() + NEXT_KEPT_MS);

/** @param own what this process goes by; asked only where it is compared */
export function recoveryJobs(runtime: Runtime, connections: Connections, own: () => Digests) {
  const { clock, log } = runtime;
  const until = (budgetMs: number): Deadline => deadlineIn(clock, Math.max(0, budgetMs - RESERVE_MS));
  const ports = () => runtime.portsFor(connections);

  return {
    async settleDue(budgetMs: number): Promise<Recovered> {
      const recovered = await recover(await ports(), {
        until: until(budgetMs),
        failed: log.failed,
        conflict: (identity) => log.warn('conflict', { ...identity }),
      });
      if (Object.values(recovered).some(Boolean)) log.info('recovered', { ...recovered });
      return recovered;
    },

    /** Those places whose quota is known, beginning where the count before came to its end; it may have run out of time. */
    async countAll(budgetMs: number): Promise<readonly (Place & Usage)[]> {
      const all = await ports();
      const deadline = until(budgetMs);
      const left = () => leftMs(clock, deadline);
      const standing: Place[] = [];
      const hasQuota = ({ provider }: Place) => all.settings.quotas[provider] > 0;
      for await (const place of placesInUse(all.ledger, hasQuota)) standing.push(place);
      const turn = await turnFrom(all, COUNT_NEXT, standing);
      const counted: (Place & Usage)[] = [];
      const count = async (place: Place, i: number) => {
        if (left() <= 0) return;
        // As with reconciling: what a place takes longer than there is time keeps no other from its turn.
        await goOnAt(all, COUNT_NEXT, turn[(i + 1) % turn.length]!).catch(() => {});
        if (!(await takeTurn(all, place, left))) return;
        const usage = await countUsage(all, place, KEEP_MS);
        if (usage === undefined) return;
        log.info('usage', { ...place, ...usage, percent: Math.round((100 * usage.used) / usage.limit) });
        counted.push({ ...place, ...usage });
      };
      await together([...turn.entries()], COUNTED_AT_ONCE, ([i, place]) =>
        count(place, i).catch((error) => log.failed(error, place)),
      );
      return counted;
    },

    /**
     * @param wanted a `ReconcileRequest`; a dry run of all places where it is absent
     * @throws {InvalidRequest}
     * @throws {VendingError} CONFIGURATION_DIFFERS
     */
    async reconcileAll(wanted: unknown, budgetMs: number): Promise<Reconciliation> {
      const { fix = false, ...place } = parsedValue(ReconcileRequest, wanted ?? {});
      const all = await ports();
      const deadline = until(budgetMs);
      const places: Reconciled[] = [];
      const failed: Place[] = [];
      const listed = await listedSecrets(all.store);
      const ledger = await lookAtLedger(all, listed);
      const { fenced, unrecordedSecrets } = ledger;
      // One from a backup says what the functions had then, and is only compared.
      if (!fenced) await assertConfiguration(all.ledger, clock, own());
      if (fenced || unrecordedSecrets > 0) log.info('ledger in doubt', { fenced, unrecordedSecrets });
      const standing: Place[] = [];
      const isWanted = (here: Place) =>
        Object.entries(place).every(([word, value]) => here[word as keyof Place] === value);
      for await (const here of allPlaces(all.ledger, ledger, isWanted)) standing.push(here);
      const isWhole = Object.keys(place).length === 0;
      const turn = isWhole ? await turnFrom(all, RECONCILE_NEXT, standing) : standing;
      for (const [i, here] of turn.entries()) {
        if (leftMs(clock, deadline) <= 0) return { ledger, places, failed, more: true };
        // Before it is begun: what a place takes longer than there is time must not keep the others from their turn.
        // Who may not write compares all the same.
        if (isWhole) await goOnAt(all, RECONCILE_NEXT, turn[(i + 1) % turn.length]!).catch(() => {});
        let whole = true;
        const found = await reconcile(all, here, {
          ...{ fix, listed, left: () => leftMs(clock, deadline) },
          unfinished: () => {
            whole = false;
          },
        }).catch((error) => log.failed(error, here));
        if (found === undefined) {
          failed.push(here); // the others are checked all the same
          continue;
        }
        const counts = Object.fromEntries(kinds.map((kind) => [kind, found.filter((one) => one.kind === kind).length]));
        if (fix) await replan(all, here, ageDefaults(all.settings)).catch((error) => log.failed(error, here));
        const findings = found.filter(({ kind }) => kind !== 'matched');
        for (const one of findings) if (isDoubtful(one.kind)) log.warn('finding', { ...here, ...one });
        log.info('reconciled', { ...here, fix, ...counts });
        places.push({ ...here, counts: counts as Record<Kind, number>, findings });
        if (!whole) return { ledger, places, failed, more: true };
      }
      return { ledger, places, failed, more: false };
    },
  };
}
