// What wakes rotation: a message of its queue, and a step of AWS Secrets Manager's own rotation.
import * as z from 'zod/mini';

const text = (form: RegExp) => z.string().check(z.regex(form));

/** Which key pair may have something due, and whether it is to be rotated in any case. */
export const RotationMessage = z
  .strictObject({
    provider: z.enum(['ens', 'ecs', 'cvm']),
    account: z.optional(text(/^[a-z0-9][a-z0-9-]{0,31}$/)),
    /** Needed, except for ENS, which has `global` only. */
    region: z.optional(text(/^[a-z0-9][a-z0-9-]{0,62}$/)),
    name: text(/^[A-Za-z0-9:_-]{1,128}$/),
    rotate: z.optional(z.literal(true)),
  })
  .check(
    z.refine(
      ({ provider, region }) => (provider === 'ens' ? (region ?? 'global') === 'global' : region !== undefined),
      {
        path: ['region'],
        error: 'is missing, or not one of that provider',
      },
    ),
  );

export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const steps = ['createsecret', 'setsecret', 'testsecret', 'finishsecret'] as const;

/** Not strict: AWS may say more one day. Its pages spell a step both `create_secret` and `createSecret`. */
export const RotationStep = z.object({
  Step: z.pipe(
    z.pipe(
      z.string().check(z.maxLength(32)),
      z.transform((step: string) => step.replaceAll('_', '').toLowerCase()),
    ),
    z.enum(steps),
  ),
  SecretId: text(/^arn:aws[a-z-]*:secretsmanager:[^\s]{1,700}$/),
  /** The id that the new version is to have: a UUID, unless who asked AWS for the rotation chose another. */
  ClientRequestToken: text(/^[A-Za-z0-9-]{32,64}$/),
  /** Where it comes from, when another role or account asks: as secret as a password, and of no use here. */
  RotationToken: z.optional(z.string()),
});
