// The environment variables of the local platform.
import * as z from 'zod/mini';
import { filled, maybeOrigin, maybeUrl } from '../../environment.ts';

export const localPlatformVariables = () => ({
  /** The trail is kept there, wherever ledger and store are. */
  KEYVEND_HOME: z.optional(filled()),
  /** The clouds' access keys as JSON: provider, then account. */
  KEYVEND_UPSTREAM: z.string().check(z.minLength(2)),
  /** Where people sign in: an OpenID Connect issuer, for programs that are told nothing else. */
  KEYVEND_SIGN_IN: maybeUrl(),
  /** The queue that announcements go to. */
  KEYVEND_EVENTS_URL: maybeUrl(),
  /** The queue server, and what it takes: `<id>:<secret>`. */
  AWS_ENDPOINT_URL_SQS: maybeOrigin(),
  KEYVEND_QUEUE_KEY: z.optional(z.string().check(z.regex(/^[\w-]+:[\w-]+$/))),
});
