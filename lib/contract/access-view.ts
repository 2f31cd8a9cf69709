// Who a caller is to this deployment, what they may do, and why not.
import * as z from 'zod/mini';
import { rights } from '../rights.ts';
import { accountField, anyNameField, providerField, regionField } from './fields.ts';

const words = () => z.union([z.array(z.string()), z.literal('any')]);
const On = z.strictObject({ provider: words(), account: words(), region: words(), name: words() });

/** What a deployment may have besides what each has: `inbox` for requests that are filed for later, and the messages of its queues. */
export const features = ['inbox'] as const;
export type Feature = (typeof features)[number];

export const MeAnswer = z.strictObject({
  /** As the trail and `requestedBy` name the caller. */
  id: z.string(),
  /** The issuer's name in the access document, and the token's subject; neither for a caller without a token of one. */
  issuer: z.optional(z.string()),
  subject: z.optional(z.string()),
  /** Absent where the deployment has no access document: every valid token may do everything. */
  grants: z.optional(
    z.array(
      z.strictObject({
        id: z.string(),
        may: words(),
        on: On,
        limits: z.optional(z.strictObject({ vendsPerMinute: z.optional(z.int()), keyPairs: z.optional(z.int()) })),
        /** The key that secrets get, and those that a request may name. */
        secretKey: z.optional(z.string()),
        secretKeys: z.optional(words()),
      }),
    ),
  ),
  has: z.array(z.enum(features)),
});

export const AccessQuery = z.strictObject({
  right: z.enum(rights),
  provider: providerField(),
  region: z.optional(regionField()),
  account: z.optional(accountField()),
  name: anyNameField(),
});

export const AccessAnswer = z.strictObject({
  allowed: z.boolean(),
  right: z.enum(rights),
  /** The one that allows it. */
  grant: z.optional(z.string()),
  /** Where it is not allowed: the caller's own grants, the one that misses least first, with what of the question each covers. */
  nearest: z.optional(
    z.array(
      z.strictObject({
        id: z.string(),
        fits: z.strictObject({
          may: z.boolean(),
          provider: z.boolean(),
          account: z.boolean(),
          region: z.boolean(),
          name: z.boolean(),
        }),
        may: words(),
        on: On,
      }),
    ),
  ),
});
