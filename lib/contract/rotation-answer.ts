// A rotation as callers read it, and the bodies of its commands.
import * as z from 'zod/mini';
import { rotationStates } from '../vending/rotation/rotation-record.ts';

/** `user@host:port`, as a rotation lists it. */
export const WaiverBody = z.strictObject({ host: z.string().check(z.minLength(3), z.maxLength(300)) });

/** The body of a request that takes no field. */
export const NoBody = z.strictObject({});

export const RotationAnswer = z.strictObject({
  id: z.string(),
  state: z.enum(rotationStates),
  driver: z.enum(['keyvend', 'secrets-manager']),
  reason: z.enum(['requested', 'age']),
  requestedBy: z.string(),
  requestedAt: z.string(),
  from: z.strictObject({ keyPairId: z.string(), fingerprint: z.string() }),
  /** Present once its key is stored. */
  successor: z.optional(z.strictObject({ keyPairName: z.string(), keyPairId: z.string(), fingerprint: z.string() })),
  /** Every host that is listed in the policy. */
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      outcome: z.enum(['ok', 'failed', 'unverified']),
      code: z.optional(z.string()),
      waived: z.optional(z.boolean()),
      oldKeyRemoved: z.optional(z.boolean()),
    }),
  ),
  /** How many tries have failed since the last one that did not. */
  failures: z.int(),
  lastError: z.optional(z.strictObject({ code: z.string(), detail: z.string(), at: z.string() })),
  nextTryAt: z.optional(z.string()),
  promotedAt: z.optional(z.string()),
  endedAt: z.optional(z.string()),
});
