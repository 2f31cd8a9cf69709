// What a deployment says about itself, in environment variables. A missing or wrong one stops the function at its start.
import * as z from 'zod/mini';
import { wholeNumber } from './whole-number.ts';

const milliseconds = wholeNumber(1);
const url = z.string().check(z.regex(/^https?:\/\/[^\s]+$/));

const common = {
  /** Which of several keyvends this is: the value of the tag on its pairs and secrets. */
  KEYVEND_DEPLOYMENT: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,31}$/)),
  KEYVEND_ISSUER: z.string().check(z.minLength(1)),
  KEYVEND_AUDIENCE: z.string().check(z.minLength(1)),
  KEYVEND_JWKS_URI: url,
  /** Refuses keys that no evidence proves, instead of recording them as unverified. */
  KEYVEND_STRICT: z._default(z.literal(['true', 'false']), 'false'),
  KEYVEND_LEASE_MS: z._default(milliseconds, 35_000),
  KEYVEND_TAKE_OVER_MS: z._default(milliseconds, 60_000),
  KEYVEND_ALIBABA_WINDOW_MS: z._default(milliseconds, 15 * 60_000),
  KEYVEND_TENCENT_WINDOW_MS: z._default(milliseconds, 5 * 60_000),
  KEYVEND_HORIZON_MS: z._default(milliseconds, 20 * 60_000),
  KEYVEND_ABSENT_TWICE_MS: z._default(milliseconds, 30_000),
  /** Key pairs that a region holds. ECS publishes its number; of the other two yours may be known to you. */
  KEYVEND_ENS_QUOTA: z.optional(wholeNumber(1)),
  KEYVEND_ECS_QUOTA: z._default(wholeNumber(1), 500),
  KEYVEND_CVM_QUOTA: z.optional(wholeNumber(1)),
  /** Instead of the clouds' own hosts. */
  KEYVEND_ENS_ENDPOINT: z.optional(url),
  KEYVEND_ECS_ENDPOINT: z.optional(url),
  KEYVEND_CVM_ENDPOINT: z.optional(url),
  /** A file of PEM certificates to trust, for local clouds. */
  KEYVEND_CA_FILE: z.optional(z.string()),
  AWS_ENDPOINT_URL_SQS: z.optional(url),
};

const aws = {
  AWS_REGION: z.string().check(z.minLength(1)),
  AWS_ACCESS_KEY_ID: z.string().check(z.minLength(1)),
  AWS_SECRET_ACCESS_KEY: z.string().check(z.minLength(1)),
  AWS_SESSION_TOKEN: z.optional(z.string()),
};

export const Configuration = z.discriminatedUnion('KEYVEND_PLATFORM', [
  z.object({
    KEYVEND_PLATFORM: z.literal('aws'),
    ...common,
    ...aws,
    KEYVEND_TABLE: z.string().check(z.minLength(3)),
    KEYVEND_KMS_KEY: z.string().check(z.minLength(1)),
    /** Where the clouds' access keys are: `<prefix><provider>/<account>` in AWS Secrets Manager. */
    KEYVEND_UPSTREAM_PREFIX: z.string().check(z.minLength(1)),
    KEYVEND_BUS: z.string().check(z.minLength(1)),
    AWS_ENDPOINT_URL_DYNAMODB: z.optional(url),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: z.optional(url),
    AWS_ENDPOINT_URL_EVENTBRIDGE: z.optional(url),
  }),
  z.object({
    KEYVEND_PLATFORM: z.literal('local'),
    ...common,
    /** Folder of ledger, secrets and their key. */
    KEYVEND_HOME: z.string().check(z.minLength(1)),
    /** The clouds' access keys as JSON: provider, then account. */
    KEYVEND_UPSTREAM: z.string().check(z.minLength(2)),
    /** The queue that announcements go to. */
    KEYVEND_EVENTS_URL: z.optional(url),
  }),
]);
export type Configuration = z.infer<typeof Configuration>;

/** @throws {TypeError} naming every variable that is missing or wrong, and no value */
export function configurationFrom(environment: Readonly<Record<string, string | undefined>>): Configuration {
  const result = Configuration.safeParse(environment);
  if (result.success) return result.data;
  const names = [...new Set(result.error.issues.map(({ path }) => path.join('.') || 'KEYVEND_PLATFORM'))];
  throw new TypeError(`missing or wrong in the environment: ${names.join(', ')}`);
}
