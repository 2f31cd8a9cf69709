// What the reconciling function may be given: which places to look at, all by default, and whether to settle what it finds.
import * as z from 'zod/mini';

const word = z.string().check(z.regex(/^[a-z0-9-]{1,64}$/));

export const ReconcileRequest = z.strictObject({
  provider: z.optional(z.literal(['ens', 'ecs', 'cvm'])),
  account: z.optional(word),
  region: z.optional(word),
  /** Default false: nothing is changed. */
  fix: z.optional(z.boolean()),
});
