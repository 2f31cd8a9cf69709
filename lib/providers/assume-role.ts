// Temporary access keys instead of stored ones: a cloud that trusts an issuer gives them to whoever holds one of its tokens.
import { VendingError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import type { CallLimits, Transport } from '../transport/wire.ts';
import { keyPart } from './fields.ts';

/** A key, as it would be stored for the account, and until when the cloud takes it. */
export interface Assumed {
  readonly key: Readonly<Record<string, string>>;
  readonly untilMs: number;
}

export interface Assuming {
  readonly transport: Transport;
  /** `https://host[:port]`, instead of the security token service's own. */
  readonly identityEndpoint?: string;
  /** What the cloud's own trail calls whoever has the key: 2 to 32 letters, digits and `-`. */
  readonly session: string;
  readonly nowMs: number;
}

/**
 * @param role what is stored for the account instead of a key @param token of the issuer that the role trusts
 * @throws {VendingError} CREDENTIALS_REFUSED, CLOUD_UNREACHABLE, and what else reads of a cloud throw
 */
export type AssumeRole = (
  role: Readonly<Record<string, unknown>>,
  token: Secret,
  around: Assuming,
  call: CallLimits,
) => Promise<Assumed>;

/** Whether what is stored for an account is a role instead of a key. */
export const isRole = (
  stored: Readonly<Record<string, unknown>> | undefined,
): stored is Readonly<Record<string, unknown>> => stored?.roleArn !== undefined;

export const roleField = keyPart;

export const refusedRole = (names: string) =>
  new VendingError('CREDENTIALS_REFUSED', `What is stored for this account is a role without ${names}`);
