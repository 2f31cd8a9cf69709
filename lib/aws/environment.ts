// How a process of ours reaches AWS: region, credentials and endpoints from the environment, as AWS's own programs find them, and
// one transport for all services. Everything that calls AWS gets its options here.
import * as z from 'zod/mini';
import { type Clock, wait } from '../clock.ts';
import { filled, maybeOrigin } from '../environment.ts';
import { createTransport } from '../transport/transport.ts';
import type { Transport } from '../transport/wire.ts';
import type { AwsOptions } from './call.ts';
import { type AwsService, credentialsIn } from './signing.ts';

/** As it goes into headers: a line end that was pasted along would be found only when the first request is made. */
const printable = (least: number) => z.regex(new RegExp(`^[!-~]{${least},}$`));

export const awsVariables = () => ({
  AWS_REGION: filled(),
  AWS_ACCESS_KEY_ID: z.string().check(printable(1)),
  AWS_SECRET_ACCESS_KEY: z.string().check(printable(1)),
  AWS_SESSION_TOKEN: z.optional(z.string().check(printable(0))),
  AWS_ENDPOINT_URL: maybeOrigin(),
  /** Any other word than `true` means nothing to AWS's clients, either. */
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: z.optional(z.string()),
});

/** The same for what asks AWS only where somebody wants it to: whoever does not may have anything in them. */
export const maybeAws = () =>
  Object.fromEntries(Object.keys(awsVariables()).map((name) => [name, z.optional(z.string())]));

/** What a service is called in the names of variables: its id in AWS's models. */
const ids = {
  dynamodb: 'DYNAMODB',
  secretsmanager: 'SECRETS_MANAGER',
  events: 'EVENTBRIDGE',
  sqs: 'SQS',
  kms: 'KMS',
} as const;

type AwsEnvironment = Parameters<typeof credentialsIn>[0] & {
  readonly AWS_REGION: string;
  readonly AWS_ENDPOINT_URL?: string | undefined;
  readonly AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?: string | undefined;
} & { readonly [S in (typeof ids)[AwsService['name']] as `AWS_ENDPOINT_URL_${S}`]?: string | undefined };

/** Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints". Configuration files are not read. */
const endpointIn = (environment: AwsEnvironment, service: AwsService['name']): string | undefined =>
  environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true'
    ? undefined
    : (environment[`AWS_ENDPOINT_URL_${ids[service]}`] ?? environment.AWS_ENDPOINT_URL);

/** The largest answer there is: DynamoDB's BatchGetItem gives up to 16 MB, and JSON within JSON escapes every quote. */
export const ANSWER_BYTES = 32 * 1024 * 1024;
let transport: Transport | undefined;

/** What one service is called with. */
export function awsOptions(environment: AwsEnvironment, clock: Clock, service: AwsService['name']): AwsOptions {
  transport ??= createTransport({ clock, maxAnswerBytes: ANSWER_BYTES });
  const credentials = credentialsIn(environment);
  const endpoint = endpointIn(environment, service);
  return {
    transport,
    clock,
    wait,
    region: environment.AWS_REGION,
    credentials: async () => credentials,
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}
