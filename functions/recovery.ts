// On schedules: settles what was left open, counts key pairs against their quotas, and compares ledger, clouds and secret store
// with each other. All three may run at any time, many at once.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { recoveryJobs } from '../lib/application/recovery-jobs.ts';
import { isDailyPass } from '../lib/contract/reconcile-request.ts';
import { logger } from '../lib/platforms/logger.ts';
import { flushing } from '../lib/platforms/metrics/flushing.ts';
import { ownConfiguration } from '../lib/platforms/own-configuration.ts';
import { regionsFor } from '../lib/platforms/regions.ts';
import { runtime } from '../lib/platforms/runtime.ts';
import { connectionOf } from '../lib/providers/connect.ts';

const logging = injectLambdaContext(logger, { clearState: true, logEvent: false });
const jobs = recoveryJobs(runtime, connectionOf, () => ownConfiguration(process.env, 'without rotation'), regionsFor);

export const settle = middy()
  .use(logging)
  .use(flushing)
  .handler((_event, context) => jobs.settleDue(context.getRemainingTimeInMillis()));

export const count = middy()
  .use(logging)
  .use(flushing)
  .handler((_event, context) => jobs.countAll(context.getRemainingTimeInMillis()));

/** Given `{"provider","account","region","fix"}`, all optional; a dry run unless `fix` is true. `{"daily":true}` from its schedule. */
export const reconcile = middy()
  .use(logging)
  .use(flushing)
  .handler((event, context) => {
    const leftMs = context.getRemainingTimeInMillis();
    return isDailyPass(event) ? jobs.reconcileDaily(leftMs) : jobs.reconcileAll(event, leftMs);
  });
