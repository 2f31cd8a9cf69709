// GET: what was vended, as metadata; the contract; and whether this function answers at all. Never a private key.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { catalog } from '../lib/application/catalog-endpoint.ts';
import { contractDocument } from '../lib/application/contract-document.ts';
import { logger } from '../lib/platforms/logger.ts';
import { overHttp } from '../lib/platforms/over-http.ts';
import { records } from '../lib/platforms/records.ts';

export const http = middy()
  .use(injectLambdaContext(logger, { clearState: true, logEvent: false }))
  .handler(overHttp(catalog(records, { document: contractDocument })));
