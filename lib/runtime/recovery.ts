// What the scheduled functions call: recovery, the count against quotas, and reconciling, with real ports for every cloud.
import type { Context } from 'aws-lambda';
import { deadlineIn, leftMs, systemClock } from '../clock.ts';
import { ReconcileRequest } from '../contract/reconcile-request.ts';
import type { Place } from '../identity.ts';
import { placesOf } from '../ledger/places.ts';
import { parsedValue } from '../middleware/json.ts';
import { countUsage } from '../vending/quota-usage.ts';
import { type Finding, type Kind, kinds, reconcile } from '../vending/reconcile.ts';
import { type Recovered, recover } from '../vending/recover.ts';
import { replan } from '../vending/rotation/replan.ts';
import { everyCloud } from './clouds/index.ts';
import { logFailure, logger } from './logger.ts';
import { configuration, portsFor } from './runtime.ts';

/** For what was begun when the time was up. */
const RESERVE_MS = 10_000;
const untilTheEnd = (context: Context) =>
  deadlineIn(systemClock, Math.max(0, context.getRemainingTimeInMillis() - RESERVE_MS));

export async function settleDue(context: Context): Promise<Recovered> {
  const failed = logFailure;
  const recovered = await recover(await portsFor(everyCloud), { until: untilTheEnd(context), failed });
  if (Object.values(recovered).some(Boolean)) logger.info('recovered', { ...recovered });
  return recovered;
}

/** A count is good until the second one after it: one that fails does not take the header away. */
const KEEP_MS = 35 * 60_000;

export async function countAll(): Promise<readonly object[]> {
  const ports = await portsFor(everyCloud);
  const counted: object[] = [];
  for await (const place of placesOf(ports.ledger)) {
    const usage = await countUsage(ports, place, KEEP_MS).catch(logFailure);
    if (usage === undefined) continue;
    const percent = Math.round((100 * usage.used) / usage.limit);
    logger.info('usage', { ...place, ...usage, percent });
    counted.push({ ...place, ...usage });
  }
  return counted;
}

export interface Reconciled extends Place {
  readonly counts: Readonly<Record<Kind, number>>;
  /** All but those that matched. */
  readonly findings: readonly Finding[];
}

/** `failed`: places that could not be read; the log says why. `more`: some were not reached in time. */
export async function reconcileAll(
  event: unknown,
  context: Context,
): Promise<{ places: readonly Reconciled[]; failed: readonly Place[]; more: boolean }> {
  const { fix = false, ...wanted } = parsedValue(ReconcileRequest, event ?? {});
  const ports = await portsFor(everyCloud);
  const until = untilTheEnd(context);
  const places: Reconciled[] = [];
  const failed: Place[] = [];
  for await (const place of placesOf(ports.ledger)) {
    if (Object.entries(wanted).some(([word, value]) => place[word as keyof Place] !== value)) continue;
    if (leftMs(systemClock, until) <= 0) return { places, failed, more: true };
    const all = await reconcile(ports, place, { fix }).catch(logFailure);
    if (all === undefined) {
      failed.push(place); // the others are looked at all the same
      continue;
    }
    const counts = Object.fromEntries(kinds.map((kind) => [kind, all.filter((one) => one.kind === kind).length]));
    if (fix) await replan(ports, place, { maxAgeDays: configuration.KEYVEND_MAX_AGE_DAYS }).catch(logFailure);
    const findings = all.filter(({ kind }) => kind !== 'matched');
    logger.info('reconciled', { ...place, fix, ...counts });
    places.push({ ...place, counts: counts as Record<Kind, number>, findings });
  }
  return { places, failed, more: false };
}
