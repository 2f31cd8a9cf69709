// On schedules: settles what was left open, counts key pairs against their quotas, and holds ledger, clouds and secret store
// against each other. All three may run at any time, many at once.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { logger } from '../lib/runtime/logger.ts';
import { countAll, reconcileAll, settleDue } from '../lib/runtime/recovery.ts';

const logging = injectLambdaContext(logger, { clearState: true, logEvent: false });

export const settle = middy()
  .use(logging)
  .handler((_event, context) => settleDue(context));

export const count = middy()
  .use(logging)
  .handler(() => countAll());

/** Given `{"provider","account","region","fix"}`, all optional; a dry run unless `fix` is true. */
export const reconcile = middy()
  .use(logging)
  .handler((event, context) => reconcileAll(event, context));
