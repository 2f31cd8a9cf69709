// POST /v1/cvm/key-pairs -> 201, and the queue beside it. The private key never enters a response.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { SQSEvent } from 'aws-lambda';
import { answersHttp } from '../lib/middleware/http.ts';
import { eachMessage } from '../lib/middleware/queue.ts';
import { cvm } from '../lib/providers/cvm/connect.ts';
import { logger } from '../lib/runtime/logger.ts';
import { httpOptions, queueOptions } from '../lib/runtime/options.ts';
import { vendingOn } from '../lib/runtime/vending.ts';

const logging = injectLambdaContext(logger, { clearState: true, logEvent: false }); // false beats the env variable too
const vend = vendingOn(cvm);

export const http = middy().use(logging).use(answersHttp(httpOptions)).handler(vend.asked);

export const queue = middy<SQSEvent>()
  .use(logging)
  .handler((event) => eachMessage(event, vend.message, queueOptions));
