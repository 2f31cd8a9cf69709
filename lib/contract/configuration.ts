// What a deployment says about itself, in environment variables. A missing or wrong one stops the function at its start.
import * as z from 'zod';

const milliseconds = z.coerce.number().int().min(1);
const url = z.string().regex(/^https?:\/\/[^\s]+$/);

const common = {
  /** Which of several keyvends this is: the value of the tag on its pairs and secrets. */
  KEYVEND_DEPLOYMENT: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  KEYVEND_ISSUER: z.string().min(1),
  KEYVEND_AUDIENCE: z.string().min(1),
  KEYVEND_JWKS_URI: url,
  /** Refuses keys that no evidence proves, instead of recording them as unverified. */
  KEYVEND_STRICT: z.enum(['true', 'false']).default('false'),
  KEYVEND_LEASE_MS: milliseconds.default(35_000),
  KEYVEND_TAKE_OVER_MS: milliseconds.default(60_000),
  KEYVEND_ALIBABA_WINDOW_MS: milliseconds.default(15 * 60_000),
  KEYVEND_TENCENT_WINDOW_MS: milliseconds.default(5 * 60_000),
  KEYVEND_HORIZON_MS: milliseconds.default(20 * 60_000),
  KEYVEND_ABSENT_TWICE_MS: milliseconds.default(30_000),
  /** Instead of the clouds' own hosts. */
  KEYVEND_ENS_ENDPOINT: url.optional(),
  KEYVEND_ECS_ENDPOINT: url.optional(),
  KEYVEND_CVM_ENDPOINT: url.optional(),
  /** A file of PEM certificates to trust, for local clouds. */
  KEYVEND_CA_FILE: z.string().optional(),
  AWS_ENDPOINT_URL_SQS: url.optional(),
};

const aws = {
  AWS_REGION: z.string().min(1),
  AWS_ACCESS_KEY_ID: z.string().min(1),
  AWS_SECRET_ACCESS_KEY: z.string().min(1),
  AWS_SESSION_TOKEN: z.string().optional(),
};

export const Configuration = z.discriminatedUnion('KEYVEND_PLATFORM', [
  z.object({
    KEYVEND_PLATFORM: z.literal('aws'),
    ...common,
    ...aws,
    KEYVEND_TABLE: z.string().min(3),
    KEYVEND_KMS_KEY: z.string().min(1),
    /** Where the clouds' access keys are: `<prefix><provider>/<account>` in AWS Secrets Manager. */
    KEYVEND_UPSTREAM_PREFIX: z.string().min(1),
    KEYVEND_BUS: z.string().min(1),
    AWS_ENDPOINT_URL_DYNAMODB: url.optional(),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: url.optional(),
    AWS_ENDPOINT_URL_EVENTBRIDGE: url.optional(),
  }),
  z.object({
    KEYVEND_PLATFORM: z.literal('local'),
    ...common,
    /** Folder of ledger, secrets and their key. */
    KEYVEND_HOME: z.string().min(1),
    /** The clouds' access keys as JSON: provider, then account. */
    KEYVEND_UPSTREAM: z.string().min(2),
    /** The queue that announcements go to. */
    KEYVEND_EVENTS_URL: url.optional(),
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
