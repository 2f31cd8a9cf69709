// The event of a rotation step, as AWS Secrets Manager sends it.
import * as z from 'zod/mini';
import { text } from '../../contract/fields.ts';
import type { RotationState } from '../../vending/rotation/rotation-record.ts';

/** How far each step must get. The worker removes the old key, after the overlap. */
export const reaches = {
  createsecret: 'staged',
  setsecret: 'rolled-out',
  testsecret: 'proven',
  finishsecret: 'promoted',
} as const satisfies Record<string, RotationState>;

/** Not strict: AWS may say more one day. Its pages spell a step both `create_secret` and `createSecret`. */
export const RotationStep = z.object({
  Step: z.pipe(
    z.pipe(
      z.string().check(z.maxLength(32)),
      z.transform((step: string) => step.replaceAll('_', '').toLowerCase()),
    ),
    z.enum(Object.keys(reaches) as (keyof typeof reaches)[]),
  ),
  SecretId: text(/^arn:aws[a-z-]*:secretsmanager:[^\s]{1,700}$/),
  /** The id that the new version is to have: a UUID, unless whoever asked AWS for the rotation chose another. */
  ClientRequestToken: text(/^[A-Za-z0-9-]{32,64}$/),
  /** Says where the step comes from when another role or account asks: as secret as a password, and of no use here. */
  RotationToken: z.optional(z.string()),
});
