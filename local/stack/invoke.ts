// Calling a function as its runtime would: the same handler, an event in the platform's form, a context with a deadline.
import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';

export type Handler = (event: unknown, context: Context) => Promise<unknown>;

/** What serverless.yml gives a function; the gateway itself gives up at 30 s. */
const TIMEOUT_MS = 29_500;

/** @param name as in serverless.yml: `functions/ens.http` */
export async function handlerOf(name: string): Promise<Handler> {
  const [module = '', exported = ''] = name.split('.');
  const functions = (await import(new URL(`../../${module}.ts`, import.meta.url).href)) as Record<string, Handler>;
  const handler = functions[exported];
  if (handler === undefined) throw new TypeError(`${module} has no ${exported}`);
  return handler;
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
