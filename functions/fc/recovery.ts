// On timers: settles what was left open, counts key pairs against their quotas, and compares ledger, clouds and secret store with each
// other. All three may run at any time, many at once.
import { recoveryJobs } from '../../lib/application/recovery-jobs.ts';
import { systemClock } from '../../lib/clock.ts';
import { byJob, takeEvents } from '../../lib/platforms/fc/function.ts';
import { inbox } from '../../lib/platforms/fc/inbox.ts';
import { logInbox } from '../../lib/platforms/inbox-lines.ts';
import { log } from '../../lib/platforms/logger.ts';
import { ownConfiguration } from '../../lib/platforms/own-configuration.ts';
import { regionsFor } from '../../lib/platforms/regions.ts';
import { runtime } from '../../lib/platforms/runtime.ts';
import { isTurnOf } from '../../lib/platforms/turn.ts';
import { connectionOf } from '../../lib/providers/connect.ts';

const PERIOD_MS = 15 * 60_000;
const jobs = recoveryJobs(runtime, connectionOf, () => ownConfiguration(process.env, 'without rotation'), regionsFor);

/** Given `{"job":"reconcile","request":{"provider","account","region","fix"}}`, what is asked for; without it, what is due of the day's. */
async function reconcile(leftMs: () => number, { request }: Readonly<Record<string, unknown>>): Promise<object> {
  if (request !== undefined) return jobs.reconcileAll(request, leftMs());
  return (await isTurnOf('reconcile', PERIOD_MS)) ? ((await jobs.reconcileDaily(leftMs())) ?? {}) : {};
}

async function count(leftMs: () => number): Promise<object> {
  await logInbox(await inbox(), log, systemClock.wallMs()); // each time: alarms read it
  return (await isTurnOf('count', PERIOD_MS)) ? jobs.countAll(leftMs()) : [];
}

takeEvents(
  byJob({
    settle: (leftMs) => jobs.settleDue(leftMs()),
    count,
    reconcile,
  }),
  { wakes: ['sender'], needs: ['ledger'] },
);
