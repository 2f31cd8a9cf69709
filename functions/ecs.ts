// POST /v1/ecs/key-pairs -> 201, and the queue beside it. The private key never enters a response.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { SQSEvent } from 'aws-lambda';
import { answersHttp } from '../lib/middleware/http.ts';
import { eachMessage } from '../lib/middleware/queue.ts';
import { logger } from '../lib/runtime/logger.ts';
import { httpOptions, queueOptions, vendAsked, vendMessage } from '../lib/runtime/vending.ts';

const logging = injectLambdaContext(logger, { clearState: true, logEvent: false }); // false beats the env variable too

export const http = middy()
  .use(logging)
  .use(answersHttp(httpOptions))
  .handler((asked) => vendAsked('ecs', asked));

export const queue = middy<SQSEvent>()
  .use(logging)
  .handler((event) => eachMessage(event, vendMessage('ecs'), queueOptions));
