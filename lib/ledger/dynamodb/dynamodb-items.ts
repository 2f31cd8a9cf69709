// What our items look like, and how they are spelled in DynamoDB's JSON ("AttributeValue", DynamoDB API Reference).
import { sha256, sha256Hex } from '../../sha256.ts';
import { asObject } from '../../transport/json.ts';
import { dues, type Entry } from '../entry.ts';
import { unpack } from '../packed.ts';
import { unavailable } from './dynamodb-call.ts';

/** Records due are spread over this many partitions of an index. Another number means writing every record anew. */
const DUE_SHARDS = 4;

/** Epoch seconds, as TTL wants them (AWS: "Using time to live"). It deletes days late; what counts is `untilMs`. */
export const ttlAttribute = 'expiresAt';

export const S = (text: string) => ({ S: text });
export const N = (number: number) => ({ N: String(number) });
export type Item = Readonly<Record<string, unknown>>;

/** Every name goes through a placeholder: DynamoDB reserves 573 words, and adds some. */
export const named = (...names: string[]) => Object.fromEntries(names.map((name) => [`#${name}`, name]));

export const recordKey = (identity: string) => ({ pk: S(identity), sk: S('record') });
export const attemptKey = (identity: string, id: string) => ({ pk: S(identity), sk: S(`attempt/${id}`) });
export const permitsKey = (window: string) => ({ pk: S(`slots/${window}`), sk: S('slots') });
export const rememberedKey = (key: string) => ({
  pk: S(`remembered/${sha256Hex(key)}`),
  sk: S('remembered'),
});

/** A whole record. It drops out of an index when its moment is not among the attributes any more: a put leaves nothing behind. */
export const recordItem = (
  { key, listed, provider, state, aside, due, json, packed }: Entry,
  revision: number,
  writeId: string,
) => ({
  ...recordKey(key),
  revision: N(revision),
  writeId: S(writeId),
  listed: S(listed),
  ...partitionsOf(provider, state, aside),
  shard: S(shardOf(key)),
  ...Object.fromEntries(dues.flatMap((what) => (due[what] === undefined ? [] : [[what, N(due[what])]]))),
  record: packed === undefined ? S(json) : { B: packed.toString('base64') },
});

/** What belongs to another record has partitions of its own: whoever lists the others does not walk past it. */
const partitionsOf = (provider: string, state: string, aside: boolean) => ({
  provider: S(partition(provider, undefined, aside)),
  providerState: S(partition(provider, state, aside)),
});

/** Of the index by state, or, without one, by provider. */
export const partition = (provider: string, state: string | undefined, aside: boolean): string =>
  [provider, ...(state === undefined ? [] : [state]), ...(aside ? ['aside'] : [])].join('/');

/** Spread by the identity, so that a record stays in its partition. */
const shardOf = (key: string): string => String(sha256(key).readUInt32BE() % DUE_SHARDS);
export const shards: readonly string[] = Array.from({ length: DUE_SHARDS }, (_, shard) => String(shard));

/** TTL may delete it from the second after that. */
export const until = (untilMs: number) => ({ untilMs: N(untilMs), [ttlAttribute]: ttl(untilMs) });
export const ttl = (untilMs: number) => N(Math.ceil(untilMs / 1_000));

export const textOf = (item: Item, name: string): string => {
  const text = asObject(item[name])?.S;
  return typeof text === 'string' ? text : unreadable();
};

/** A set of texts; DynamoDB keeps no empty one. */
export const textsOf = (item: Item, name: string): readonly string[] => {
  const texts = asObject(item[name])?.SS ?? [];
  return Array.isArray(texts) ? texts : unreadable();
};

export const numberOf = (item: Item, name: string): number => {
  const number = Number(asObject(item[name])?.N);
  return Number.isSafeInteger(number) ? number : unreadable();
};

/** @returns what the JSON says, packed or not, and how long it is */
export function jsonOf<T>(item: Item, name: string): [T, number] {
  const { B, S } = (item[name] ?? {}) as { readonly B?: string; readonly S: string };
  try {
    const json = B === undefined ? S : unpack(Buffer.from(B, 'base64'));
    return [JSON.parse(json) as T, json.length];
  } catch {
    return unreadable(); // a parser's own error would quote the text
  }
}

export const itemsOf = (items: unknown): readonly Item[] =>
  Array.isArray(items) ? items.map((item) => asObject(item) ?? unreadable()) : unreadable();

const unreadable = (): never => {
  throw unavailable("The ledger's table returned an item that cannot be read");
};
