// What may be read: metadata of a key pair, and pages of it.
import * as z from 'zod';
import { fingerprints } from '../ssh/fingerprint.ts';
import type { Identity } from '../vending/identity.ts';
import type { KeyPairRecord } from '../vending/record.ts';
import { InvalidRequest } from './problem.ts';

const provider = z.enum(['ens', 'ecs', 'cvm']);

export const ListQuery = z.strictObject({
  provider: provider.optional(),
  region: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/)
    .optional(),
  state: z.enum(['vending', 'active', 'vacant', 'conflict']).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(2_000).optional(),
});

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
export const KeyPairPage = z.strictObject({ keyPairs: z.array(KeyPairMetadata), cursor: z.string().optional() });

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

/** Where `oneOf` finds the identity again; what goes without saying is left out. */
export function locationOf({ provider: word, account, region, name }: Identity): string {
  const query = new URLSearchParams({
    ...(word === 'ens' ? {} : { region }),
    ...(account === 'default' ? {} : { account }),
  }).toString();
  return `/v1/${word}/key-pairs/${encodeURIComponent(name)}${query && `?${query}`}`;
}

/** @param path `/v1/{provider}/key-pairs/{name}` @throws {InvalidRequest} */
export function oneOf(path: string, query: URLSearchParams): Identity {
  const [, , word, , name = ''] = path.split('/');
  const known = provider.safeParse(word);
  if (!known.success) throw new InvalidRequest([{ pointer: '#/provider', detail: 'is ens, ecs or cvm' }]);
  const region = query.get('region') ?? (known.data === 'ens' ? 'global' : '');
  if (!/^[a-z0-9-]{1,64}$/.test(region)) throw new InvalidRequest([{ pointer: '#/region', detail: 'is missing' }]);
  const account = query.get('account') ?? 'default';
  return { provider: known.data, account, region, name: decoded(name) };
}

function decoded(name: string): string {
  try {
    const text = decodeURIComponent(name);
    if (/^[A-Za-z0-9:_-]{1,128}$/.test(text)) return text;
  } catch {}
  throw new InvalidRequest([{ pointer: '#/name', detail: 'is not in the form it has to have' }]);
}
