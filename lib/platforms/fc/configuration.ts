// The environment variables of functions on Alibaba Function Compute. None begins with FC_: an update with such a name is refused there.
import * as z from 'zod/mini';
import { filled, maybeOrigin, maybeUrl } from '../../environment.ts';
import { wholeNumber } from '../../numbers.ts';
import { alibabaBusVariables, refuseBusWithoutRegion } from '../alibaba-bus-configuration.ts';

export const fcPlatformVariables = () => ({
  /** Where the platform connects to; as in the function's `customRuntimeConfig`. */
  KEYVEND_FC_PORT: z._default(wholeNumber(1, 65_535), 9_000),
  /** The function's own time limit, which no call mentions. */
  KEYVEND_FC_TIMEOUT_SECONDS: z._default(wholeNumber(2, 86_400), 30),
  /** What the names of this deployment's functions begin with, to ask for one of them. Default `keyvend-<deployment>-`. */
  KEYVEND_FC_FUNCTIONS: z.optional(z.string().check(z.regex(/^[A-Za-z_][\w-]{0,60}$/))),
  /** Function Compute's own host, in place of `https://<account>.<region>.fc.aliyuncs.com`. */
  KEYVEND_FC_ENDPOINT: maybeOrigin(),
  /** How many messages of each queue one call works on at a time. */
  KEYVEND_WORKERS: z._default(wholeNumber(1, 50), 5),
  /** The clouds' access keys as JSON: provider, then account. `{"role":"function"}` in place of a key is the function's own role. */
  KEYVEND_UPSTREAM: z.optional(z.string().check(z.minLength(2))),
  /** Whether they are in the store as well, under the same names as a server's. */
  KEYVEND_UPSTREAM_STORED: z._default(z.literal(['true', 'false']), 'false'),
  /** Where events are sent to, as CloudEvents; nowhere without it. */
  KEYVEND_WEBHOOK_URL: maybeUrl(),
  ...alibabaBusVariables(),
  /** What they are signed with, as a server's file has it: `whsec_` and base64, one a line. */
  KEYVEND_WEBHOOK_SECRET: z.optional(filled()),
});

/** @throws {TypeError} for a webhook that nothing can be signed for */
export function refuseUnfitFc(values: Readonly<Record<string, unknown>>): void {
  const { KEYVEND_WEBHOOK_URL: url, KEYVEND_WEBHOOK_SECRET: secret } = values;
  if (url !== undefined && secret === undefined)
    throw new TypeError('KEYVEND_WEBHOOK_URL needs KEYVEND_WEBHOOK_SECRET: events are signed');
  refuseBusWithoutRegion(values);
}
