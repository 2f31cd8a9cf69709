// Finds records by something other than their identity: through the indexes, which may be a moment behind the table.

import { type Identity, identityOf } from '../../identity.ts';
import { asObject } from '../../transport/json.ts';
import { TRIES } from '../../transport/tries.ts';
import { atMost, milliseconds, PAGE_LENGTH } from '../entry.ts';
import type { Due, Indexed, Listing, RecordPage } from '../ledger.ts';
import { type KeyRange, keyRangesOf } from '../listing.ts';
import { cursorAfter } from '../listing-cursor.ts';
import { type Dynamo, unavailable } from './dynamodb-call.ts';
import {
  type Item,
  itemsOf,
  jsonOf,
  N,
  named,
  numberOf,
  partition,
  recordKey,
  S,
  shards,
  textOf,
} from './dynamodb-items.ts';

export interface Table {
  readonly call: Dynamo;
  readonly name: string;
}

/** A page of keys from one index, then the records by one batch of consistent reads: two calls where a provider is given. */
export async function list<R extends Indexed>(table: Table, listing: Listing): Promise<RecordPage<R>> {
  const limit = atMost(listing.limit, 100);
  const found: Item[] = [];
  for (const stretch of keyRangesOf(listing)) {
    const wanted = limit + 1 - found.length; // one more than asked tells whether a page follows
    found.push(...(await inOrder(table, stretch, listing, wanted)));
    if (found.length > limit) break;
  }
  const items = await readAll(table, found.slice(0, limit).map(keyIn));
  const records: R[] = [];
  let last: Item | undefined;
  for (let length = 0, i = 0; i < Math.min(found.length, limit) && length < PAGE_LENGTH; i += 1) {
    last = found[i]!;
    const item = items.get(keyIn(last));
    if (item === undefined) continue;
    const [record, its] = jsonOf<R>(item, 'record');
    length += its;
    // The index may still show a state that the record has left, or a record from before there were partitions for those aside.
    const shown = listing.own === undefined || record.aside !== true;
    if (shown && (listing.state === undefined || record.state === listing.state)) records.push(record);
  }
  return last === found.at(-1) ? { records } : { records, cursor: cursorAfter(textOf(last!, 'listed'), listing) };
}

const keyIn = (item: Item): string => textOf(item, 'pk');

/** The first ones of a stretch, from each partition that has some of it. */
async function inOrder(table: Table, stretch: KeyRange, { state, own }: Listing, wanted: number): Promise<Item[]> {
  const found = await query(table, inStretch(stretch, state, false), wanted);
  if (own) return found;
  found.push(...(await query(table, inStretch(stretch, state, true), wanted)));
  const listed = (item: Item) => textOf(item, 'listed');
  return found.sort((a, b) => (listed(a) < listed(b) ? -1 : 1)).slice(0, wanted);
}

/** BETWEEN includes its ends: neither is a record's position, and a space sorts before all that an identity may hold. */
const inStretch = ({ provider, after, before }: KeyRange, state: string | undefined, aside: boolean) => {
  const [index, hash] = state === undefined ? ['by-provider', 'provider'] : ['by-state', 'providerState'];
  return {
    IndexName: index,
    KeyConditionExpression: `#${hash} = :hash AND #listed BETWEEN :after AND :before`,
    ExpressionAttributeNames: named(hash!, 'listed'),
    ExpressionAttributeValues: {
      ':hash': S(partition(provider, state, aside)),
      ':after': S(`${after} `),
      ':before': S(before),
    },
  };
};

/** Each shard's longest overdue, merged. */
export async function due(table: Table, what: Due, nowMs: number, limit: number): Promise<readonly Identity[]> {
  const wanted = atMost(limit, 1_000);
  const perShard = await Promise.all(
    shards.map((shard) =>
      query(
        table,
        {
          IndexName: what,
          KeyConditionExpression: `#shard = :shard AND #${what} <= :now`,
          ExpressionAttributeNames: named('shard', what),
          ExpressionAttributeValues: { ':shard': S(shard), ':now': N(milliseconds(nowMs)) },
        },
        wanted,
      ),
    ),
  );
  return perShard
    .flat()
    .map((item) => ({ key: keyIn(item), at: numberOf(item, what) }))
    .sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1))
    .slice(0, wanted)
    .map(({ key }) => identityOf(key));
}

/** All that a query finds, or the first `most` items. One answer holds up to 1 MB and says where the next begins. */
export async function query(table: Table, input: object, most?: number): Promise<Item[]> {
  const found: Item[] = [];
  let start: unknown;
  do {
    const answer = await table.call.read('Query', {
      TableName: table.name,
      ...input,
      Limit: most && most - found.length, // what is undefined is not sent
      ExclusiveStartKey: start,
    });
    found.push(...itemsOf(answer.Items));
    start = answer.LastEvaluatedKey;
  } while (start !== undefined && found.length !== most);
  return found;
}

/** BatchGetItem answers in any order, and leaves out what was too much or too fast. */
async function readAll({ call, name }: Table, identities: readonly string[]): Promise<ReadonlyMap<string, Item>> {
  const read = new Map<string, Item>();
  let keys: unknown[] = identities.map(recordKey);
  for (let inVain = 0; keys.length > 0; ) {
    await call.pause(inVain);
    const answer = await call.read('BatchGetItem', { RequestItems: { [name]: { Keys: keys, ConsistentRead: true } } });
    const items = itemsOf(asObject(answer.Responses)?.[name] ?? []);
    for (const item of items) read.set(keyIn(item), item);
    const unprocessed = asObject(asObject(answer.UnprocessedKeys)?.[name])?.Keys;
    keys = Array.isArray(unprocessed) ? unprocessed : [];
    inVain = items.length > 0 ? 0 : inVain + 1;
    if (inVain === TRIES) throw unavailable("The ledger's table returned no records this time");
  }
  return read;
}
