// Rotation: finds what is due, works on one key pair at a time, and serves the rotation schedules of AWS Secrets Manager.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { SQSEvent } from 'aws-lambda';
import { eachMessage } from '../lib/middleware/queue.ts';
import { logFailure, logger } from '../lib/runtime/logger.ts';
import { queueOptions } from '../lib/runtime/options.ts';
import { handOutDue, step, work } from '../lib/runtime/rotation.ts';

const logging = injectLambdaContext(logger, { clearState: true, logEvent: false });

export const due = middy()
  .use(logging)
  .onError(({ error }) => logFailure(error))
  .handler(() => handOutDue());

/** Takes `{"provider","account"?,"region"?,"name","rotate"?:true}`. */
export const worker = middy<SQSEvent>()
  .use(logging)
  .handler((event, context) => eachMessage(event, (record) => work(record, context), queueOptions));

/** The contract of a rotation function: what it throws, AWS takes for a failed step; what it answers, nobody reads. */
export const secretsManager = middy()
  .use(logging)
  .onError(({ error }) => logFailure(error))
  .handler((event, context) => step(event, context));
