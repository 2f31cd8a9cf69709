// How a process of ours reaches AWS: region, credentials and endpoints from the environment, as AWS's own programs find them, and
// one transport for all services. Everything that calls AWS gets its options here.
import * as z from 'zod/mini';
import { type Clock, wait } from '../clock.ts';
import { filled } from '../environment.ts';
import { createTransport } from '../transport/transport.ts';
import type { Transport } from '../transport/wire.ts';
import type { AwsOptions } from './call.ts';
import { credentialsIn } from './signing.ts';

/** As it goes into headers: a line end that was pasted along would be found only when the first request is made. */
const printable = (least: number) => z.regex(new RegExp(`^[!-~]{${least},}$`));

export const awsVariables = () => ({
  AWS_REGION: filled(),
  AWS_ACCESS_KEY_ID: z.string().check(printable(1)),
  AWS_SECRET_ACCESS_KEY: z.string().check(printable(1)),
  AWS_SESSION_TOKEN: z.optional(z.string().check(printable(0))),
});

type AwsEnvironment = Parameters<typeof credentialsIn>[0] & { readonly AWS_REGION: string };

/** The largest answer there is: DynamoDB's BatchGetItem gives up to 16 MB, and JSON within JSON escapes every quote. */
export const ANSWER_BYTES = 32 * 1024 * 1024;
let transport: Transport | undefined;

/** @param endpoint `https://host[:port]` instead of the region's own */
export function awsOptions(environment: AwsEnvironment, clock: Clock, endpoint: string | undefined): AwsOptions {
  transport ??= createTransport({ clock, maxAnswerBytes: ANSWER_BYTES });
  const credentials = credentialsIn(environment);
  return {
    transport,
    clock,
    wait,
    region: environment.AWS_REGION,
    credentials: async () => credentials,
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}
