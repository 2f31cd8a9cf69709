// The environment variables of an event bus of Alibaba EventBridge.
import * as z from 'zod/mini';
import { alibabaKeyVariables, regionName } from '../alibaba/environment.ts';
import { busName } from '../alibaba/event-bridge.ts';
import { maybeOrigin } from '../environment.ts';

export const alibabaBusVariables = () => ({
  /** A bus of Alibaba EventBridge that events are put on. */
  KEYVEND_ALIBABA_BUS: z.optional(z.string().check(z.regex(busName))),
  KEYVEND_ALIBABA_BUS_REGION: z.optional(z.string().check(z.regex(regionName))),
  /** Instead of the region's own host. */
  KEYVEND_ALIBABA_BUS_ENDPOINT: maybeOrigin(),
  ...alibabaKeyVariables(),
});

/** @throws {TypeError} for a bus that nobody says the region of */
export function refuseBusWithoutRegion(values: Readonly<Record<string, unknown>>): void {
  if (values.KEYVEND_ALIBABA_BUS !== undefined && values.KEYVEND_ALIBABA_BUS_REGION === undefined)
    throw new TypeError('KEYVEND_ALIBABA_BUS needs KEYVEND_ALIBABA_BUS_REGION: a bus is of one region');
}
