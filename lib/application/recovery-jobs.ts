// What schedules call: recovery, the count against quotas, and the comparison of ledger, clouds and secret store with each
// other. All but the count are given the milliseconds that they may take.
import { type Deadline, deadlineIn, leftMs } from '../clock.ts';
import type { Place } from '../identity.ts';
import { together } from '../together.ts';
import { placesInUse } from '../vending/places-in-use.ts';
import { countUsage, type Usage } from '../vending/quota-usage.ts';
import { takeTurn } from '../vending/rate-limit.ts';
import { type Recovered, recover } from '../vending/recover.ts';
import type { Digests } from './one-configuration.ts';
import { type Reconciliation, reconcileAll } from './reconcile-job.ts';
import type { Connections, RegionsFor, Runtime } from './runtime.ts';
import { dailyPass, turnsFrom } from './turns.ts';

/** Reserved for what was begun when the time was up. */
const RESERVE_MS = 10_000;
/** A count is good until the second one after it, so that one that fails does not take the header away. */
const KEEP_MS = 35 * 60_000;

/** Under which the next place is remembered. */
const COUNT_NEXT = 'count next';
/** One that does not answer must not hold up all the others. */
const COUNTED_AT_ONCE = 4;

/** @param own what this process goes by; asked only where it is compared */
export function recoveryJobs(runtime: Runtime, connections: Connections, own: () => Digests, regionsFor: RegionsFor) {
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
      log.figures?.('recovered', { ...recovered }); // also that nothing is open any more
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
      const turns = await turnsFrom(all, COUNT_NEXT, standing);
      const counted: (Place & Usage)[] = [];
      const count = async (place: Place, i: number) => {
        if (left() <= 0) return;
        await turns.begin(i).catch(() => {});
        if (!(await takeTurn(all, place, left))) return;
        const usage = await countUsage(all, place, KEEP_MS);
        if (usage === undefined) return;
        log.info('usage', { ...place, ...usage, percent: Math.round((100 * usage.used) / usage.limit) });
        counted.push({ ...place, ...usage });
      };
      await together([...turns.places.entries()], COUNTED_AT_ONCE, ([i, place]) =>
        count(place, i).catch((error) => log.failed(error, place)),
      );
      return counted;
    },

    /**
     * @param wanted a `ReconcileRequest`; a dry run of all places where it is absent
     * @throws {InvalidRequest}
     * @throws {VendingError} CONFIGURATION_DIFFERS
     */
    reconcileAll: async (wanted: unknown, budgetMs: number): Promise<Reconciliation> =>
      reconcileAll(await ports(), { log, regionsFor, own }, wanted, until(budgetMs)),

    /**
     * A dry run of all places once a day, however many calls it takes: to be called every few minutes.
     * @returns undefined where nothing of it is due
     */
    async reconcileDaily(budgetMs: number): Promise<Reconciliation | undefined> {
      const all = await ports();
      const from = await dailyPass(all);
      if (from === undefined) return undefined;
      return reconcileAll(all, { log, regionsFor, own }, {}, until(budgetMs), from);
    },
  };
}
