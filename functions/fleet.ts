// What becomes of a key pair that instances have: taking it out of use, and detaching it. Apart from lifecycle.ts, which has no
// access key of any cloud.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { lifecycle } from '../lib/application/lifecycle-endpoint.ts';
import { fleetFor } from '../lib/platforms/fleets.ts';
import { forRotation } from '../lib/platforms/for-rotation.ts';
import { logger } from '../lib/platforms/logger.ts';
import { overHttp } from '../lib/platforms/over-http.ts';
import { records } from '../lib/platforms/records.ts';

export const http = middy()
  .use(injectLambdaContext(logger, { clearState: true, logEvent: false }))
  .handler(overHttp(lifecycle({ ...records, ...forRotation, fleetFor })));
