// What becomes of a key pair: rotations of it, its policy, taking it out of use and back. Asked here, done by rotation.ts.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { answersHttp } from '../lib/middleware/http.ts';
import { change, lifecycleOptions } from '../lib/runtime/lifecycle.ts';
import { logger } from '../lib/runtime/logger.ts';

export const http = middy()
  .use(injectLambdaContext(logger, { clearState: true, logEvent: false }))
  .use(answersHttp(lifecycleOptions))
  .handler((asked) => change(asked));
