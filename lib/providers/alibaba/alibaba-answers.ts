// ENS and ECS answer in the same shapes; ENS leaves out what it does not have.
import { Secret } from '../../secret.ts';
import { asObject } from '../../transport/json.ts';
import { count, fingerprintIn, idIn, moment, needed, present, publicKeyIn, sameName } from '../fields.ts';
import { type Operation, type Reply, unreadable } from '../outcome.ts';
import type { Page } from '../paging.ts';
import type { FoundPair, ImportedPair, MadePair, Tags } from '../provider.ts';

export function madePair(operation: Operation, reply: Reply, name: string): MadePair {
  const fingerprint = fingerprintIn(reply.fields.KeyPairFingerPrint, reply.key);
  if (fingerprint === undefined) throw unreadable(operation, 'without a fingerprint that is one', reply.requestId);
  return {
    id: idIn(operation, reply),
    name: sameName(operation, reply, reply.fields.KeyPairName, name),
    privateKey: new Secret(needed(operation, reply, reply.fields, 'PrivateKeyBody')),
    fingerprint,
    ...present({ requestId: reply.requestId, cloudTime: reply.cloudTime }),
  };
}

export const importedPair = (operation: Operation, reply: Reply, name: string): ImportedPair => ({
  name: sameName(operation, reply, reply.fields.KeyPairName, name),
  ...present({
    id: maybeId(operation, reply, reply.fields),
    fingerprint: fingerprintIn(reply.fields.KeyPairFingerPrint),
    cloudTime: reply.cloudTime,
  }),
});

/** `KeyPairs.KeyPair`, `TotalCount` and the rest of a DescribeKeyPairs answer. */
export function pageOf(operation: Operation, reply: Reply, hasTags: boolean): Page<FoundPair> {
  const rows = asObject(reply.fields.KeyPairs)?.KeyPair;
  if (!Array.isArray(rows)) throw unreadable(operation, 'without KeyPairs', reply.requestId);
  return {
    rows: rows.map((row) => foundPair(operation, reply, row, hasTags)),
    total: count(reply.fields.TotalCount),
    ...present({ cloudTime: reply.cloudTime }),
  };
}

function foundPair(operation: Operation, reply: Reply, row: unknown, hasTags: boolean): FoundPair {
  const fields = asObject(row) ?? {};
  return {
    name: needed(operation, reply, fields, 'KeyPairName'),
    ...present({
      id: maybeId(operation, reply, fields),
      fingerprint: fingerprintIn(fields.KeyPairFingerPrint),
      publicKey: publicKeyIn(fields.PublicKey),
      createdAt: moment(fields.CreationTime),
      tags: hasTags ? tagsIn(fields.Tags) : undefined,
    }),
  };
}

/** ECS leaves it out of its list. */
const maybeId = (operation: Operation, reply: Reply, fields: Reply['fields']) =>
  (fields.KeyPairId ?? '') === '' ? undefined : idIn(operation, reply, fields);

function tagsIn(value: unknown): Tags {
  const rows = asObject(value)?.Tag;
  const pairs = (Array.isArray(rows) ? rows : []).map(asObject);
  return Object.fromEntries(pairs.flatMap((row) => (row ? [[String(row.TagKey), String(row.TagValue ?? '')]] : [])));
}
