// What wakes the rotation worker: a message that names a key pair which may have something due.
import * as z from 'zod/mini';
import { type ProviderName, providerNames } from '../provider-table.ts';
import { identityFields } from './fields.ts';

interface RotationMessage {
  readonly provider: ProviderName;
  readonly account?: string;
  readonly region?: string;
  readonly name: string;
  /** Whether to rotate it in any case. */
  readonly rotate?: true;
}

const of = (provider: ProviderName) =>
  z.strictObject({ ...identityFields(provider), rotate: z.optional(z.literal(true)) });

export const rotationMessage = () =>
  z.discriminatedUnion('provider', providerNames.map(of) as never) as unknown as z.ZodMiniType<RotationMessage>;

export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
