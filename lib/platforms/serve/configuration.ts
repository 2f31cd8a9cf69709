// The environment variables of a server of one's own.
import * as z from 'zod/mini';
import { awsVariables, maybeAws } from '../../aws/environment.ts';
import { checkedBy, type Environment, filled, maybeOrigin, maybeUrl } from '../../environment.ts';
import { wholeNumber } from '../../numbers.ts';
import { alibabaBusVariables, refuseBusWithoutRegion } from '../alibaba-bus-configuration.ts';

/** `host:port`, `[::1]:port` for IPv6. */
const address = () => z.string().check(z.regex(/^(?:[\w.-]+|\[[\da-f:.]+\]):\d{1,5}$/i));

export const servePlatformVariables = () => ({
  /** Where requests are answered: `address:port`. `0.0.0.0` for every address of the machine. */
  KEYVEND_LISTEN: z._default(address(), '127.0.0.1:8080'),
  /** What a proxy in front of it puts before every path, `/keyvend` for one; in the `location` of answers. */
  KEYVEND_BASE_PATH: z._default(z.string().check(z.regex(/^(?:\/[\w.~-]+)*$/)), ''),
  /** The portal's client at KEYVEND_ISSUER. With it, the portal is served under `/portal/`. */
  KEYVEND_PORTAL_CLIENT_ID: z.optional(filled()),
  /** What it asks the issuer for, where that is more than `openid`; and for which resource (RFC 8707), where the issuer wants to know. */
  KEYVEND_PORTAL_SCOPE: z.optional(filled()),
  KEYVEND_PORTAL_RESOURCE: z.optional(filled()),
  /** A certificate with its chain, and its key, both PEM, for a server that nothing with TLS is in front of. Read anew when they change. */
  KEYVEND_TLS_CERT_FILE: z.optional(filled()),
  KEYVEND_TLS_KEY_FILE: z.optional(filled()),
  /** Where metrics, health and readiness are shown to whoever can connect: `address:port`, or empty for nowhere. */
  KEYVEND_METRICS_LISTEN: z._default(z.union([z.literal(''), address()]), '127.0.0.1:9464'),
  /** How many requests are answered at a time; further ones are told to come again. */
  KEYVEND_MOST_REQUESTS: z._default(wholeNumber(1, 10_000), 256),
  /** How many messages of each provider, and how many key pairs in rotation, are worked on at a time. */
  KEYVEND_WORKERS: z._default(wholeNumber(1, 50), 5),
  /** How often is looked for what was left open and for what is due to be rotated. */
  KEYVEND_RECOVERY_SECONDS: z._default(wholeNumber(1, 3_600), 60),
  /** The clouds' access keys as JSON: provider, then account. */
  KEYVEND_UPSTREAM: z.optional(z.string().check(z.minLength(2))),
  /** Or a folder with a file of the same JSON for each: `ecs/default.json`. Read anew within five minutes of a change. */
  KEYVEND_UPSTREAM_DIR: z.optional(filled()),
  /** Whether they are in the store as well, where that is a shared one: docs/self-hosting.md says under which names. */
  KEYVEND_UPSTREAM_STORED: z._default(z.literal(['true', 'false']), 'false'),
  /** Where events are sent to, as CloudEvents; nowhere without it. */
  KEYVEND_WEBHOOK_URL: maybeUrl(),
  /** An event bus of AWS's that they are put on, as on AWS; with the credentials of the environment. */
  KEYVEND_BUS: z.optional(filled()),
  AWS_ENDPOINT_URL_EVENTBRIDGE: maybeOrigin(),
  ...maybeAws(),
  ...alibabaBusVariables(),
  /** What they are signed with: `whsec_` and base64, as Standard Webhooks has it. A second line is signed with as well. */
  KEYVEND_WEBHOOK_SECRET_FILE: z.optional(filled()),
});

/** @throws {TypeError} for access keys in a store that people do not write to, and for a bus without credentials or region */
export function refuseUnfitServe(values: Readonly<Record<string, unknown>>): void {
  const { KEYVEND_UPSTREAM_STORED: stored, KEYVEND_STORE: store, KEYVEND_BUS: bus } = values;
  if (bus !== undefined) checkedBy(z.object(awsVariables()), values as Environment);
  refuseBusWithoutRegion(values);
  if (
    values.KEYVEND_ALIBABA_BUS !== undefined &&
    !(values.ALIBABA_CLOUD_ACCESS_KEY_ID && values.ALIBABA_CLOUD_ACCESS_KEY_SECRET)
  )
    throw new TypeError('KEYVEND_ALIBABA_BUS needs ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET');
  if (stored === 'true' && store === 'embedded')
    throw new TypeError('KEYVEND_UPSTREAM_STORED=true needs a store that is shared: kms, kv or secrets-manager');
}
