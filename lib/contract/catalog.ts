// What may be read: metadata of a key pair, and pages of it.
import * as z from 'zod/mini';
import { fingerprints } from '../ssh/fingerprint.ts';
import type { KeyPairRecord } from '../vending/record.ts';
import { wholeNumber } from './whole-number.ts';

const provider = z.enum(['ens', 'ecs', 'cvm']);

export const ListQuery = z.strictObject({
  provider: z.optional(provider),
  region: z.optional(z.string().check(z.regex(/^[a-z0-9-]{1,64}$/))),
  state: z.optional(z.enum(['vending', 'active', 'vacant', 'conflict'])),
  limit: z._default(wholeNumber(1, 100), 50),
  cursor: z.optional(z.string().check(z.maxLength(2_000))),
});

/** What a vended key pair is answered with, and nothing more. */
export const KeyPairAnswer = z.strictObject({ keyPairId: z.string(), fingerprint: z.string() });

export const KeyPairMetadata = z.strictObject({
  provider,
  account: z.string(),
  region: z.string(),
  name: z.string(),
  state: z.string(),
  requestedBy: z.string(),
  requestedAt: z.string(),
  versions: z.array(
    z.strictObject({
      id: z.string(),
      keyPairId: z.string(),
      fingerprint: z.string(),
      /** As `ssh-keygen -l` prints them for the stored key. */
      fingerprints: z.strictObject({ md5: z.string(), sha256: z.string() }),
      publicKey: z.string(),
      evidence: z.enum(['agrees', 'unverified']),
      secretReference: z.string(),
      activatedAt: z.string(),
    }),
  ),
});
export const KeyPairPage = z.strictObject({ keyPairs: z.array(KeyPairMetadata), cursor: z.optional(z.string()) });

export const metadataOf = ({ identity, state, requestedBy, requestedAtMs, versions }: KeyPairRecord) => ({
  ...identity,
  state,
  requestedBy,
  requestedAt: new Date(requestedAtMs).toISOString(),
  versions: versions.map(({ activatedAtMs, ...version }) => ({
    ...version,
    fingerprints: fingerprints(version.publicKey),
    activatedAt: new Date(activatedAtMs).toISOString(),
  })),
});
