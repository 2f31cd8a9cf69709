// ENS and ECS answer in the same shapes; ENS leaves out what it does not have.
import { Secret } from '../../secret.ts';
import { normaliseFingerprint } from '../../ssh/fingerprint.ts';
import { asObject } from '../../transport/json.ts';
import { count, moment, needed, present, publicKeyIn, sameName, text } from '../fields.ts';
import { type Operation, type Reply, unreadable } from '../outcome.ts';
import type { Page } from '../paging.ts';
import type { FoundPair, ImportedPair, MadePair, Tags } from '../provider.ts';

export const madePair = (operation: Operation, reply: Reply, name: string): MadePair => ({
  id: needed(operation, reply, reply.fields, 'KeyPairId'),
  name: sameName(operation, reply, reply.fields.KeyPairName, name),
  privateKey: new Secret(needed(operation, reply, reply.fields, 'PrivateKeyBody')),
  fingerprint: normaliseFingerprint(needed(operation, reply, reply.fields, 'KeyPairFingerPrint')),
  ...present({ requestId: reply.requestId, cloudTime: reply.cloudTime }),
});

export const importedPair = (operation: Operation, reply: Reply, name: string): ImportedPair => ({
  name: sameName(operation, reply, reply.fields.KeyPairName, name),
  ...present({
    id: text(reply.fields.KeyPairId),
    fingerprint: fingerprintIn(reply.fields.KeyPairFingerPrint),
    cloudTime: reply.cloudTime,
  }),
});

/** `KeyPairs.KeyPair`, `TotalCount` and the rest of a DescribeKeyPairs answer. */
export function pageOf(operation: Operation, reply: Reply, hasTags: boolean): Page {
  const rows = asObject(reply.fields.KeyPairs)?.KeyPair;
  if (!Array.isArray(rows)) throw unreadable(operation, 'without KeyPairs', reply.requestId);
  return {
    pairs: rows.map((row) => foundPair(operation, reply, row, hasTags)),
    total: count(reply.fields.TotalCount),
    ...present({ cloudTime: reply.cloudTime }),
  };
}

function foundPair(operation: Operation, reply: Reply, row: unknown, hasTags: boolean): FoundPair {
  const fields = asObject(row) ?? {};
  return {
    name: needed(operation, reply, fields, 'KeyPairName'),
    ...present({
      id: text(fields.KeyPairId),
      fingerprint: fingerprintIn(fields.KeyPairFingerPrint),
      publicKey: publicKeyIn(fields.PublicKey),
      createdAt: moment(fields.CreationTime),
      tags: hasTags ? tagsIn(fields.Tags) : undefined,
    }),
  };
}

const fingerprintIn = (value: unknown) => {
  const given = text(value);
  return given === undefined ? undefined : normaliseFingerprint(given);
};

function tagsIn(value: unknown): Tags {
  const rows = asObject(value)?.Tag;
  const pairs = (Array.isArray(rows) ? rows : []).map(asObject);
  return Object.fromEntries(pairs.flatMap((row) => (row ? [[String(row.TagKey), String(row.TagValue ?? '')]] : [])));
}
