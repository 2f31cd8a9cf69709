// What may be read of the trail: entries of one key pair, or of a page of them.
import * as z from 'zod/mini';
import { wholeNumber } from '../numbers.ts';
import { providerField, regionField } from './fields.ts';

const facts = () => z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

export const TrailEntryView = z.strictObject({
  v: z.literal(1),
  seq: z.int(),
  at: z.string(),
  door: z.enum(['http', 'queue', 'command-line', 'schedule', 'secrets-manager']),
  who: z.string(),
  request: z.optional(z.string()),
  /** Why, where whoever did it said so. */
  reason: z.optional(z.string()),
  grant: z.optional(z.string()),
  document: z.optional(z.string()),
  did: z.string(),
  before: facts(),
  after: facts(),
  previous: z.string(),
  digest: z.string(),
});

/** The newest first. */
export const HistoryAnswer = z.strictObject({ entries: z.array(TrailEntryView), cursor: z.optional(z.string()) });

export const HistoryQuery = z.strictObject({
  limit: z._default(wholeNumber(1, 100), 50),
  cursor: z.optional(z.string().check(z.regex(/^[1-9]\d{0,8}$/))),
});

export const AuditQuery = z.strictObject({
  provider: z.optional(providerField()),
  region: z.optional(regionField()),
  /** Of key pairs. */
  limit: z._default(wholeNumber(1, 20), 10),
  cursor: z.optional(z.string().check(z.maxLength(2_000))),
});

/** So many entries of each key pair, the newest first; the rest are in its history. */
export const AUDIT_ENTRIES = 10;

export const AuditAnswer = z.strictObject({
  keyPairs: z.array(
    z.strictObject({
      provider: providerField(),
      account: z.string(),
      region: z.string(),
      name: z.string(),
      /** How many entries there are, and the digest of the last one. */
      seq: z.int(),
      digest: z.string(),
      entries: z.array(TrailEntryView),
    }),
  ),
  cursor: z.optional(z.string()),
});
