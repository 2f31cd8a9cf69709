// POST /v1/cvm/key-pairs -> 201, and the queue beside it. The private key never enters a response.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { vending } from '../lib/application/vend-endpoint.ts';
import { logger } from '../lib/platforms/logger.ts';
import { overHttp } from '../lib/platforms/over-http.ts';
import { overQueue } from '../lib/platforms/over-queue.ts';
import { runtime } from '../lib/platforms/runtime.ts';
import { connect } from '../lib/providers/cvm/connect.ts';

const logging = injectLambdaContext(logger, { clearState: true, logEvent: false }); // false beats the env variable too
const vend = vending(runtime, 'cvm', connect);

export const http = middy().use(logging).handler(overHttp(vend.endpoint));

export const queue = middy().use(logging).handler(overQueue(vend.message));
