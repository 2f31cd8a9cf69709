// How full each place is.
import * as z from 'zod/mini';
import { wholeNumber } from '../numbers.ts';
import { providerField, regionField } from './fields.ts';

export const QuotaQuery = z.strictObject({
  provider: z.optional(providerField()),
  region: z.optional(regionField()),
  limit: z._default(wholeNumber(1, 100), 50),
  cursor: z.optional(z.string().check(z.maxLength(2_000))),
});

export const QuotaAnswer = z.strictObject({
  places: z.array(
    z.strictObject({
      provider: providerField(),
      account: z.string(),
      region: z.string(),
      /** What the cloud held there when it was last counted, whoever made it, and how much it may hold; absent until it was counted. */
      used: z.optional(z.int()),
      /** Absent where no limit is known. */
      limit: z.optional(z.int()),
    }),
  ),
  cursor: z.optional(z.string()),
});
