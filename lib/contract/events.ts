// What is published when a key pair was vended or rotated, or a message was refused: CloudEvents 1.0, ids and fingerprint only.
import * as z from 'zod/mini';
import { providerField } from './fields.ts';

const common = {
  specversion: z.literal('1.0'),
  /** A repeated event has the same id. */
  id: z.string(),
  source: z.string(),
  datacontenttype: z.literal('application/json'),
};

const pair = {
  provider: providerField(),
  account: z.string(),
  region: z.string(),
  name: z.string(),
  keyPairId: z.string(),
  fingerprint: z.string(),
};

/** The id is the attempt's. */
export const VendedEvent = z.strictObject({
  ...common,
  type: z.literal('keyvend.key-pair.vended'),
  subject: z.string(),
  data: z.strictObject(pair),
});

/** Readers get another key from now on, and the previous one is valid until the overlap is over. The id is the attempt's. */
export const RotatedEvent = z.strictObject({
  ...common,
  type: z.literal('keyvend.key-pair.rotated'),
  subject: z.string(),
  /** `replaces`: the id of the key pair that it replaced. */
  data: z.strictObject({ ...pair, replaces: z.string() }),
});

/** A message that can never succeed. The id is the message's; what it said is in the dead-letter queue, not here. */
export const RefusedEvent = z.strictObject({
  ...common,
  type: z.literal('keyvend.key-pair.refused'),
  data: z.strictObject({ code: z.string() }),
});
export type KeyPairEvent = z.infer<typeof VendedEvent | typeof RotatedEvent | typeof RefusedEvent>;
