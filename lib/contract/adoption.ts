// Having keyvend look after a pair that was there before: what is sent, and what is answered. The private key comes in here and never goes
// out again.
import * as z from 'zod/mini';
import { VendingError } from '../errors.ts';
import type { ProviderName } from '../provider-table.ts';
import { Secret } from '../secret.ts';
import { parsePrivateKey } from '../ssh/private-key.ts';
import { parsePublicKey } from '../ssh/public-key.ts';
import type { AdoptCommand } from '../vending/adopt.ts';
import { requestFields } from './key-pair-request.ts';
import { InvalidRequest } from './problem-of.ts';

export interface AdoptionRequest {
  readonly privateKey?: string | undefined;
  readonly publicKey?: string | undefined;
  readonly keyless?: boolean;
  readonly dryRun?: boolean;
}

/** A pair without its private key can do less, and a forgotten field must not make one: so that takes a word of its own. */
export const adoptionBody = (provider: ProviderName) =>
  z
    .strictObject({
      /** In any form that ssh-keygen reads, without a passphrase. */
      privateKey: z.optional(z.string().check(z.minLength(1), z.maxLength(16_000))),
      publicKey: z.optional(
        z
          .string()
          .check(z.maxLength(8_192), z.refine(isReadable, 'is no RSA or Ed25519 public key, as OpenSSH writes one')),
      ),
      /** Without its private key, because nobody has it. */
      keyless: z.optional(z.boolean()),
      dryRun: z.optional(z.boolean()),
      // What the pairs that rotations bring are to have, and the secret.
      ...z.partial(z.strictObject(requestFields(provider))).shape,
    })
    .check(
      z.refine(({ privateKey, keyless }) => privateKey !== undefined || keyless === true, {
        path: ['privateKey'],
        error: 'is missing; where nobody has it, say "keyless": true',
      }),
      z.refine(({ privateKey, keyless }) => privateKey === undefined || keyless !== true, {
        path: ['keyless'],
        error: 'is for pairs whose private key nobody has: leave it out',
      }),
      z.refine(({ privateKey, publicKey }) => privateKey === undefined || publicKey === undefined, {
        ...{ path: ['publicKey'], error: 'is in the private key already: leave it out' },
      }),
    );

function isReadable(line: string): boolean {
  try {
    return parsePublicKey(line) !== undefined;
  } catch {
    return false;
  }
}

export const AdoptionAnswer = z.strictObject({
  keyPairId: z.optional(z.string()),
  fingerprint: z.string(),
  publicKey: z.string(),
  /** Whether its private key is stored. */
  stored: z.boolean(),
  /** Whether this request had it adopted; it may have been before. */
  adopted: z.boolean(),
  /** Nothing was changed: this is what would be. */
  dryRun: z.boolean(),
});

/** @throws {InvalidRequest} saying nothing of what the text is */
export function adoptedKey({
  privateKey,
  publicKey,
}: Pick<AdoptionRequest, 'privateKey' | 'publicKey'>): AdoptCommand['key'] {
  if (privateKey === undefined) return publicKey === undefined ? {} : { publicKey: parsePublicKey(publicKey).line };
  try {
    return parsePrivateKey(new Secret(privateKey));
  } catch (error) {
    if (!(error instanceof VendingError)) throw error;
    const detail = 'is no RSA or Ed25519 key that can be read, or is under a passphrase';
    throw new InvalidRequest([{ pointer: '#/privateKey', detail }]);
  }
}
