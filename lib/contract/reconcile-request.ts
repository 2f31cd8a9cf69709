// What the reconciling function may be given: which places to check, all by default, and whether to settle what it finds.
import * as z from 'zod/mini';
import { accountField, providerField, regionField } from './fields.ts';

export const ReconcileRequest = z.strictObject({
  provider: z.optional(providerField()),
  account: z.optional(accountField()),
  region: z.optional(regionField()),
  /** Default false: nothing is changed. */
  fix: z.optional(z.boolean()),
});

/** What its schedule gives it instead, every few minutes: the pass of the day, and what the call before left over of it. */
export const isDailyPass = (wanted: unknown): boolean =>
  z.safeParse(z.strictObject({ daily: z.literal(true) }), wanted).success;
