// Calling a function as its runtime would: the same handler, an event in the platform's form, a context with a deadline.
import { randomUUID } from 'node:crypto';
import { InvokeStore } from '@aws/lambda-invoke-store';
import type { Context } from 'aws-lambda';

/**
 * On Lambda a process has one call at a time, and here one process has all of them. This is how Lambda itself says that there are many;
 * then what a logger knows of a call is that call's own. Before any function is loaded.
 */
process.env.AWS_LAMBDA_MAX_CONCURRENCY ??= '100';
const calls = await InvokeStore.getInstanceAsync();

export type Handler = (event: unknown, context: Context) => Promise<unknown>;

/** What serverless.yml gives a function; the gateway itself gives up at 30 s. */
const TIMEOUT_MS = 29_500;

/** @param name as in serverless.yml: `functions/ens.http` */
export async function handlerOf(name: string): Promise<Handler> {
  const [module = '', exported = ''] = name.split('.');
  const functions = (await import(new URL(`../../${module}.ts`, import.meta.url).href)) as Record<string, Handler>;
  const handler = functions[exported];
  if (handler === undefined) throw new TypeError(`${module} has no ${exported}`);
  return (event, context) => calls.run({}, () => handler(event, context));
}

/** @param timeoutMs that of a function that nobody waits for */
export function contextFor(functionName: string, timeoutMs = TIMEOUT_MS): Context {
  const endMs = performance.now() + timeoutMs;
  return {
    awsRequestId: randomUUID(),
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${functionName}`,
    memoryLimitInMB: '512',
    logGroupName: functionName,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(endMs - performance.now())),
    done() {},
    fail() {},
    succeed() {},
  };
}
