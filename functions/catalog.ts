// GET: what was vended, as metadata; the contract; and whether this function answers at all. Never a private key.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { answersHttp } from '../lib/middleware/http.ts';
import { catalogOptions, look } from '../lib/runtime/catalog.ts';
import { logger } from '../lib/runtime/logger.ts';

export const http = middy()
  .use(injectLambdaContext(logger, { clearState: true, logEvent: false }))
  .use(answersHttp(catalogOptions))
  .handler((asked) => look(asked));
