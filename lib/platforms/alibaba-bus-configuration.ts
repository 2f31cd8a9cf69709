// The environment variables of an event bus of Alibaba EventBridge.
import * as z from 'zod/mini';
import { busName } from '../alibaba/event-bridge.ts';
import { maybeOrigin } from '../environment.ts';

export const alibabaBusVariables = () => ({
  /** A bus of Alibaba EventBridge that events are put on. */
  KEYVEND_ALIBABA_BUS: z.optional(z.string().check(z.regex(busName))),
  KEYVEND_ALIBABA_BUS_REGION: z.optional(z.string().check(z.regex(/^[a-z]{2}-[a-z0-9-]{2,40}$/))),
  /** Instead of the region's own host. */
  KEYVEND_ALIBABA_BUS_ENDPOINT: maybeOrigin(),
  /** As Alibaba's own programs read them. A function needs none: it has its role's. */
  ALIBABA_CLOUD_ACCESS_KEY_ID: z.optional(z.string()),
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: z.optional(z.string()),
  ALIBABA_CLOUD_SECURITY_TOKEN: z.optional(z.string()),
});

/** @throws {TypeError} for a bus that nobody says the region of */
export function refuseBusWithoutRegion(values: Readonly<Record<string, unknown>>): void {
  if (values.KEYVEND_ALIBABA_BUS !== undefined && values.KEYVEND_ALIBABA_BUS_REGION === undefined)
    throw new TypeError('KEYVEND_ALIBABA_BUS needs KEYVEND_ALIBABA_BUS_REGION: a bus is of one region');
}
