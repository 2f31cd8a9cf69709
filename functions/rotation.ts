// Rotation: finds what is due, works on one key pair at a time, and serves the rotation schedules of AWS Secrets Manager.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { rotationJobs } from '../lib/application/rotation-jobs.ts';
import { sshHosts } from '../lib/hosts/ssh.ts';
import { overSecretsManager } from '../lib/platforms/aws/secrets-manager-step.ts';
import { fleetFor } from '../lib/platforms/fleets.ts';
import { forRotation } from '../lib/platforms/for-rotation.ts';
import { log, logger } from '../lib/platforms/logger.ts';
import { flushing } from '../lib/platforms/metrics/flushing.ts';
import { overQueue } from '../lib/platforms/over-queue.ts';
import { runtime } from '../lib/platforms/runtime.ts';
import { connectionOf } from '../lib/providers/connect.ts';

const logging = injectLambdaContext(logger, { clearState: true, logEvent: false });
const hosts = sshHosts({ rules: forRotation.hostRules });
const jobs = rotationJobs({ ...runtime, ...forRotation, fleetFor }, connectionOf, hosts);

export const due = middy()
  .use(logging)
  .use(flushing)
  .onError(({ error }) => log.failed(error))
  .handler(() => jobs.handOutDue());

/** Takes `{"provider","account"?,"region"?,"name","rotate"?:true}`. */
export const worker = middy().use(logging).handler(overQueue(jobs.work));

export const secretsManager = middy()
  .use(logging)
  .use(flushing)
  .onError(({ error }) => log.failed(error))
  .handler(overSecretsManager(jobs));
