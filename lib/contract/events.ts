// What is published of key pairs, and of messages that were refused: CloudEvents 1.0; ids, names, codes and public keys only.
import * as z from 'zod/mini';
import { versionSources } from '../vending/attempt.ts';
import { noticeTypes } from '../vending/notice.ts';
import { providerField } from './fields.ts';

const common = {
  specversion: z.literal('1.0'),
  /** A repeated event has the same id. */
  id: z.string(),
  source: z.string(),
  datacontenttype: z.literal('application/json'),
  /** When it happened, RFC 3339 in UTC. */
  time: z.string(),
};

const identity = { provider: providerField(), account: z.string(), region: z.string(), name: z.string() };

/** A pair as the cloud has it. */
const pair = {
  /** Absent where the cloud tells none: ECS does not of a pair that was imported. */
  keyPairId: z.optional(z.string()),
  /** What the cloud calls it: not `name`, where a rotation made it. */
  keyPairName: z.string(),
  /** The cloud's own; what `ssh-keygen -l` prints is in `fingerprints`. */
  fingerprint: z.string(),
  fingerprints: z.strictObject({ md5: z.string(), sha256: z.string() }),
  publicKey: z.string(),
  /** Where its key comes from; `adopted`: the pair was there before. */
  keySource: z.enum(versionSources),
};

/** The id is the attempt's. */
export const VendedEvent = z.strictObject({
  ...common,
  type: z.literal('keyvend.key-pair.vended'),
  subject: z.string(),
  data: z.strictObject({ ...identity, ...pair }),
});

/** Readers get another key from now on, and the previous one is valid until the overlap is over. The id is the attempt's. */
export const RotatedEvent = z.strictObject({
  ...common,
  type: z.literal('keyvend.key-pair.rotated'),
  subject: z.string(),
  /** `replaces`: the id of the key pair that it replaced, where it has one; `replaced`: all of it, where that is still on record. */
  data: z.strictObject({
    ...identity,
    ...pair,
    replaces: z.optional(z.string()),
    replaced: z.optional(z.strictObject(pair)),
  }),
});

/**
 * What happened later on:
 * - `retired` (with `purgeAt`), `restored`, `purged`, `policy-changed`
 * - `rotation-stalled`: it has failed for an hour; `code`, and the `hosts` that are not done
 * - `host-failed`: a rotation cannot do what it has to on one `host`, and says why by `code`
 * - `lingering`: the cloud does not let an old pair go, because of `instances` (the first of them; `count` in all), or by what it
 *   does not tell
 * - `referenced`: launch templates or scaling configurations name the pair that a rotation replaced, and fail to launch once it is
 *   gone: `references` (the first of them; `count` in all)
 * - `name-given-back`: the key pair's own name at the cloud leads to the key that counts again; `keyPairId` is that version's
 */
export const NoticeEvent = z.strictObject({
  ...common,
  type: z.enum(noticeTypes.map((type) => `keyvend.key-pair.${type}` as const)),
  subject: z.string(),
  data: z.strictObject({
    ...identity,
    at: z.string(),
    rotationId: z.optional(z.string()),
    state: z.optional(z.string()),
    code: z.optional(z.string()),
    host: z.optional(z.string()),
    hosts: z.optional(z.array(z.string())),
    keyPairId: z.optional(z.string()),
    keyPairName: z.optional(z.string()),
    instances: z.optional(z.array(z.string())),
    references: z.optional(z.array(z.string())),
    count: z.optional(z.int()),
    purgeAt: z.optional(z.string()),
  }),
});
export type NoticeData = z.infer<typeof NoticeEvent>['data'];

/** A message that can never succeed. The id is the message's; what it said is in the dead-letter queue, not here. */
export const RefusedEvent = z.strictObject({
  ...common,
  type: z.literal('keyvend.key-pair.refused'),
  /** `errors`: what of its body is wrong, where it does not match the contract; pointers into it and reasons, and no value. */
  data: z.strictObject({
    code: z.string(),
    errors: z.optional(z.array(z.strictObject({ pointer: z.string(), detail: z.string() }))),
  }),
});
export type KeyPairEvent = z.infer<typeof VendedEvent | typeof RotatedEvent | typeof NoticeEvent | typeof RefusedEvent>;
