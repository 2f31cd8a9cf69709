// What a deployment says about itself, in environment variables. A missing or wrong one stops the function at its start.
import * as z from 'zod/mini';
import { decimal, wholeNumber } from './numbers.ts';

const milliseconds = wholeNumber(1);
const filled = z.string().check(z.minLength(1));
const url = z.string().check(z.regex(/^https?:\/\/[^\s]+$/));
const maybeUrl = z.optional(url);

const common = {
  /** Which of several keyvends this is: the value of the tag on its pairs and secrets. */
  KEYVEND_DEPLOYMENT: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,31}$/)),
  KEYVEND_ISSUER: filled,
  KEYVEND_AUDIENCE: filled,
  KEYVEND_JWKS_URI: url,
  /** Refuses keys that no evidence proves, instead of recording them as unverified. */
  KEYVEND_STRICT: z._default(z.literal(['true', 'false']), 'false'),
  KEYVEND_LEASE_MS: z._default(milliseconds, 35_000),
  KEYVEND_TAKE_OVER_MS: z._default(milliseconds, 60_000),
  KEYVEND_ALIBABA_WINDOW_MS: z._default(milliseconds, 15 * 60_000),
  KEYVEND_TENCENT_WINDOW_MS: z._default(milliseconds, 5 * 60_000),
  KEYVEND_HORIZON_MS: z._default(milliseconds, 20 * 60_000),
  KEYVEND_ABSENT_TWICE_MS: z._default(milliseconds, 30_000),
  /** Key pairs that a region holds; 0 for not known. ECS publishes its number; of the other two yours may be known to you. */
  KEYVEND_ENS_QUOTA: z._default(wholeNumber(0), 0),
  KEYVEND_ECS_QUOTA: z._default(wholeNumber(0), 500),
  KEYVEND_CVM_QUOTA: z._default(wholeNumber(0), 0),
  /** A key older than this is rotated by itself, unless its own policy says otherwise; 0 for never. */
  KEYVEND_MAX_AGE_DAYS: z._default(decimal(3_650), 0),
  /** Instead of the clouds' own hosts. */
  KEYVEND_ENS_ENDPOINT: maybeUrl,
  KEYVEND_ECS_ENDPOINT: maybeUrl,
  KEYVEND_CVM_ENDPOINT: maybeUrl,
  /** A file of PEM certificates to trust, for local clouds. */
  KEYVEND_CA_FILE: z.optional(z.string()),
  AWS_ENDPOINT_URL_SQS: maybeUrl,
};

const lambdas = {
  AWS_REGION: filled,
  AWS_ACCESS_KEY_ID: filled,
  AWS_SECRET_ACCESS_KEY: filled,
  AWS_SESSION_TOKEN: z.optional(z.string()),
};

/** One for each platform, made when it is asked for: every field costs a cold start something. */
const aws = () =>
  z.object({
    KEYVEND_PLATFORM: z.literal('aws'),
    ...common,
    ...lambdas,
    KEYVEND_TABLE: z.string().check(z.minLength(3)),
    KEYVEND_KMS_KEY: filled,
    /** Where the clouds' access keys are: `<prefix><provider>/<account>` in AWS Secrets Manager. */
    KEYVEND_UPSTREAM_PREFIX: filled,
    KEYVEND_BUS: filled,
    AWS_ENDPOINT_URL_DYNAMODB: maybeUrl,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: maybeUrl,
    AWS_ENDPOINT_URL_EVENTBRIDGE: maybeUrl,
  });
const local = () =>
  z.object({
    KEYVEND_PLATFORM: z.literal('local'),
    ...common,
    /** Folder of ledger, secrets and their key. */
    KEYVEND_HOME: filled,
    /** The clouds' access keys as JSON: provider, then account. */
    KEYVEND_UPSTREAM: z.string().check(z.minLength(2)),
    /** The queue that announcements go to. */
    KEYVEND_EVENTS_URL: maybeUrl,
  });
export const configurations = { aws, local } as const;
type Configurations = typeof configurations;
export type Configuration = {
  [P in keyof Configurations]: z.infer<ReturnType<Configurations[P]>>;
}[keyof Configurations];

/** @throws {TypeError} naming every variable that is missing or wrong, and no value */
export function configurationFrom(environment: Readonly<Record<string, string | undefined>>): Configuration {
  const platform = environment.KEYVEND_PLATFORM;
  if (platform === 'aws') return checkedBy<Configuration>(aws(), environment);
  // As in runtime/platform.ts: a packager that was told the platform leaves the other one out.
  if (process.env.KEYVEND_PLATFORM !== 'aws' && platform === 'local') {
    return checkedBy<Configuration>(local(), environment);
  }
  throw wrong(['KEYVEND_PLATFORM']);
}

/** @throws {TypeError} likewise */
export function checkedBy<T>(schema: z.ZodMiniType<T>, environment: Readonly<Record<string, string | undefined>>): T {
  const result = schema.safeParse(environment);
  if (result.success) return result.data;
  throw wrong(result.error.issues.map(({ path }) => path.join('.')));
}

const wrong = (names: readonly string[]) =>
  new TypeError(`missing or wrong in the environment: ${[...new Set(names)].join(', ')}`);
