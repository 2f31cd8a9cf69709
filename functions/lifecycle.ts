// What becomes of a key pair: rotations of it, its policy, taking it out of use and back. Commanded here, done by rotation.ts.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { lifecycle } from '../lib/application/lifecycle-endpoint.ts';
import { forRotation } from '../lib/platforms/for-rotation.ts';
import { logger } from '../lib/platforms/logger.ts';
import { overHttp } from '../lib/platforms/over-http.ts';
import { records } from '../lib/platforms/records.ts';

export const http = middy()
  .use(injectLambdaContext(logger, { clearState: true, logEvent: false }))
  .handler(overHttp(lifecycle({ ...records, ...forRotation })));
