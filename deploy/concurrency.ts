// A share of the account's concurrency for each function, so that a flood at one door leaves the others open. Only where a stage asks for it: a
// new account may have 10 executions at once, of which Lambda lets nobody reserve any, and the deployment would fail.
// Source: Lambda Developer Guide, "Configuring reserved concurrency for a function", "Maximum concurrency for Amazon SQS event sources".
import { providerNames } from '../lib/provider-table.ts';
import type { Parameters } from './parameters.ts';
import { type Extensions, title } from './words.ts';

/**
 * What a queue hands out at once (`maximumConcurrency` in serverless.yml). With less, messages would be received, refused for lack of a
 * free execution and received again, until they are dead letters; more would never be used.
 */
const OF_A_QUEUE = 5;

const shares = ({ vend, catalog, lifecycle }: NonNullable<Parameters['concurrency']>): Record<string, number> => ({
  ...Object.fromEntries(
    providerNames.flatMap((provider) => [
      [`${provider}Http`, vend],
      [`${provider}Queue`, OF_A_QUEUE],
    ]),
  ),
  catalog,
  lifecycle,
  lifecycleFleet: lifecycle,
  rotationWorker: OF_A_QUEUE,
  rotationSecretsManager: 10, // as many rotations as AWS may drive at once; it tries again
  rotationDue: 2,
  recoverySettle: 5, // every minute, for 300 s at most: never more at once
  recoveryCount: 2,
  recoveryReconcile: 2,
});

export const reservedConcurrency = ({ concurrency }: Parameters): Extensions =>
  concurrency === undefined
    ? {}
    : Object.fromEntries(
        Object.entries(shares(concurrency)).map(([name, share]) => [
          `${title(name)}LambdaFunction`,
          { Properties: { ReservedConcurrentExecutions: share } },
        ]),
      );
