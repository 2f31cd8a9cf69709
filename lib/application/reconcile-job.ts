// The comparison of ledger, clouds and secret store with each other, place by place, within the time that there is.
import { type Deadline, leftMs } from '../clock.ts';
import { parsedValue } from '../contract/parse.ts';
import { ReconcileRequest } from '../contract/reconcile-request.ts';
import { codeOf } from '../errors.ts';
import { type Place, placeKey } from '../identity.ts';
import { type Finding, isDoubtful, type Kind, kinds } from '../vending/finding.ts';
import { type LedgerLook, lookAtLedger } from '../vending/ledger-look.ts';
import { type ListedSecrets, listedSecrets } from '../vending/listed-secrets.ts';
import type { Ports } from '../vending/ports.ts';
import { takeTurn } from '../vending/rate-limit.ts';
import { reconcile } from '../vending/reconcile.ts';
import { replan } from '../vending/rotation/replan.ts';
import { ageDefaults } from './age-defaults.ts';
import { assertConfiguration, type Digests } from './one-configuration.ts';
import { placesToCompare, showsOurs, type Unasked } from './places-to-compare.ts';
import type { Log, RegionsFor } from './runtime.ts';
import { allOf, restOf, type Turns, turnsFrom } from './turns.ts';

export interface Reconciled extends Place {
  readonly counts: Readonly<Record<Kind, number>>;
  /** All findings but those that matched. */
  readonly findings: readonly Finding[];
}

/**
 * What it found out about the ledger itself, before the places. `failed`: places that could not be read; the log says why.
 * `unasked`: regions, or all those of an account, of which only the cloud could tell whether anything of ours is there, and it
 * refused. `more`: some were not reached in time.
 */
export interface Reconciliation {
  readonly ledger: LedgerLook;
  readonly places: readonly Reconciled[];
  readonly failed: readonly Place[];
  readonly unasked: readonly Unasked[];
  readonly more: boolean;
}

interface Parts {
  readonly log: Log;
  readonly regionsFor: RegionsFor;
  /** What this process goes by. */
  readonly own: () => Digests;
}

/** Under which the next place is remembered. */
const NEXT = 'reconcile next';

/**
 * @param wanted a `ReconcileRequest`; a dry run of all places where it is absent
 * @param from the place (`placeKey`) at which the pass of the day is gone on with, where this is a part of it
 * @throws {InvalidRequest}
 * @throws {VendingError} CONFIGURATION_DIFFERS
 */
export async function reconcileAll(
  ports: Ports,
  { log, regionsFor, own }: Parts,
  wanted: unknown,
  deadline: Deadline,
  from?: string,
): Promise<Reconciliation> {
  const { fix = false, ...filter } = parsedValue(ReconcileRequest, wanted ?? {});
  const left = () => leftMs(ports.clock, deadline);
  const listed = await listedSecrets(ports.store);
  const ledger = await lookAtLedger(ports, listed);
  const { fenced, unrecordedSecrets } = ledger;
  // One from a backup says what the functions had then, and is only compared.
  if (!fenced) await assertConfiguration(ports.ledger, ports.clock, own());
  if (fenced || unrecordedSecrets > 0) log.info('ledger in doubt', { fenced, unrecordedSecrets });
  const found = await placesToCompare(ports, ledger, regionsFor, filter as Partial<Place>);
  const turns = await turnsOf(found.places);
  const [places, failed, unasked] = [[] as Reconciled[], [] as Place[], [...found.unasked]];
  for (const one of unasked) log.info('regions not known', one);
  for (const [i, place] of turns.places.entries()) {
    const isUnknown = found.unknown.has(placeKey(place));
    // One of which nothing is known costs a call, and waits for its turn like any other.
    if (left() <= 0 || (isUnknown && !(await takeTurn(ports, place, left))))
      return { ledger, places, failed, unasked, more: true };
    // Who may not write compares all the same.
    await turns.begin(i).catch(() => {});
    if (isUnknown && !(await asked(place))) continue;
    const { one, whole } = await compared(ports, log, place, { fix, listed, left });
    if (one === undefined)
      failed.push(place); // the others are checked all the same
    else places.push(one);
    if (!whole) return { ledger, places, failed, unasked, more: true };
  }
  return { ledger, places, failed, unasked, more: false };

  function turnsOf(all: readonly Place[]): Turns | Promise<Turns> {
    if (from !== undefined) return restOf(ports, from, all);
    return Object.keys(filter).length === 0 ? turnsFrom(ports, NEXT, all) : allOf(all);
  }

  /** Whether the cloud shows anything of ours there; where it refuses to say, that is noted, and nothing is compared. */
  async function asked(place: Place): Promise<boolean> {
    try {
      return await showsOurs(ports, place);
    } catch (error) {
      const one = { ...place, code: codeOf(error) };
      if (one.code === 'REGION_UNKNOWN') return false; // listed, and not open to this account
      log.info('region not looked into', one);
      unasked.push(one);
      return false;
    }
  }
}

interface Limits {
  readonly fix: boolean;
  readonly listed: ListedSecrets;
  readonly left: () => number;
}

/** @returns `one` undefined where it failed, and `whole: false` where there was no time for all of it */
async function compared(
  ports: Ports,
  log: Log,
  place: Place,
  { fix, listed, left }: Limits,
): Promise<{ one: Reconciled | undefined; whole: boolean }> {
  let whole = true;
  const unfinished = () => {
    whole = false;
  };
  const found = await reconcile(ports, place, { fix, listed, left, unfinished }).catch((error) =>
    log.failed(error, place),
  );
  if (found === undefined) return { one: undefined, whole: true };
  const counts = Object.fromEntries(kinds.map((kind) => [kind, found.filter((one) => one.kind === kind).length]));
  if (fix) await replan(ports, place, ageDefaults(ports.settings)).catch((error) => log.failed(error, place));
  const findings = found.filter(({ kind }) => kind !== 'matched');
  for (const one of findings) if (isDoubtful(one.kind)) log.warn('finding', { ...place, ...one });
  log.info('reconciled', { ...place, fix, ...counts });
  return { one: { ...place, counts: counts as Record<Kind, number>, findings }, whole };
}
