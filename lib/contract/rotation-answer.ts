// A rotation as callers read it, and the bodies of its commands.
import * as z from 'zod/mini';
import { rotationStates } from '../vending/rotation/rotation-record.ts';

/** `host`: `user@host:port`, as a rotation lists it. `reason`: why, for the trail. */
export const WaiverBody = z.strictObject({
  host: z.string().check(z.minLength(3), z.maxLength(300)),
  reason: z.optional(
    z.string().check(
      z.minLength(1),
      z.maxLength(200),
      z.refine((text) => !/\p{C}/u.test(text), 'has characters that do not print'),
    ),
  ),
});

/** Without a confirmation, nothing is done but to say what would be. */
export const ReleaseBody = z.strictObject({ confirmation: z.optional(z.string().check(z.maxLength(64))) });

export const ReleaseAnswer = z.strictObject({
  /** The version whose pair lingers. */
  id: z.string(),
  keyPairName: z.string(),
  keyPairId: z.optional(z.string()),
  /** Those that have the pair now. */
  instances: z.array(z.string()),
  /** What detaching does to an instance of this provider. */
  effect: z.string(),
  /** What to send to have exactly these instances released; absent where there is none. */
  confirmation: z.optional(z.string()),
  /** Whether that was sent: the worker carries it out. */
  confirmed: z.boolean(),
});

/** The body of a request that takes no field. */
export const NoBody = z.strictObject({});

/** What names a pair without being a machine. */
export const ReferenceView = z.strictObject({
  kind: z.enum(['launch-template', 'scaling-configuration', 'launch-configuration']),
  id: z.string(),
  name: z.optional(z.string()),
  version: z.optional(z.int()),
  isDefault: z.optional(z.boolean()),
  by: z.enum(['name', 'id']),
});

export const RotationAnswer = z.strictObject({
  id: z.string(),
  state: z.enum(rotationStates),
  driver: z.enum(['keyvend', 'secrets-manager']),
  reason: z.enum(['requested', 'age']),
  requestedBy: z.string(),
  requestedAt: z.string(),
  from: z.strictObject({ keyPairId: z.optional(z.string()), fingerprint: z.string() }),
  /** Present once its key is stored. */
  successor: z.optional(
    z.strictObject({ keyPairName: z.string(), keyPairId: z.optional(z.string()), fingerprint: z.string() }),
  ),
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
  /** Since when it is known that it does not get on by itself. */
  stalledAt: z.optional(z.string()),
  /** What named the old pair when it was looked for: it fails to launch anything once that pair is gone. */
  references: z.optional(z.array(ReferenceView)),
  /** Where the policy asks for it: what names the successor by now, and what does not. */
  retargeted: z.optional(
    z.strictObject({
      done: z.array(z.string()),
      left: z.array(z.strictObject({ ...ReferenceView.shape, code: z.optional(z.string()) })),
    }),
  ),
  promotedAt: z.optional(z.string()),
  endedAt: z.optional(z.string()),
});
