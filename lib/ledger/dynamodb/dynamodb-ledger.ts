// The ledger of many machines: one DynamoDB table, conditional writes of single items, no transactions.
import { randomBytes } from 'node:crypto';
import type { AwsOptions } from '../../aws/call.ts';
import type { Deadline } from '../../clock.ts';
import type { VendingError } from '../../errors.ts';
import { asObject } from '../../transport/json.ts';
import { TRIES } from '../../transport/tries.ts';
import { attemptJson, entryOf, keyOf, milliseconds, revisionOf } from '../entry.ts';
import type { Indexed, Ledger } from '../ledger.ts';
import { dynamo, unavailable } from './dynamodb-call.ts';
import { due, list, query } from './dynamodb-finding.ts';
import {
  attemptKey,
  type Item,
  jsonOf,
  N,
  named,
  numberOf,
  permitsKey,
  recordItem,
  recordKey,
  rememberedKey,
  S,
  textOf,
  textsOf,
  ttl,
  ttlAttribute,
  until,
} from './dynamodb-items.ts';

/** The transport must take answers of `ANSWER_BYTES`. */
export interface DynamoLedgerOptions extends AwsOptions {
  /** The name of a table as `tableDefinition` defines it. */
  readonly table: string;
}

/** The transport stays open on `close`: it was given, and may serve others. */
export function dynamoLedger<R extends Indexed, A>(options: DynamoLedgerOptions): Ledger<R, A> {
  const { table: name } = options;
  const call = dynamo(options);
  const table = { call, name };

  const get = async (key: object): Promise<Item | undefined> => {
    const { Item } = await call.read('GetItem', { TableName: name, Key: key, ConsistentRead: true });
    return Item as Item | undefined;
  };

  /** Joins those who hold a permit or a place of a group, unless `most` others do. */
  async function take(group: string, taker: string, most: number, expires?: object, signBefore?: Deadline) {
    const input = {
      TableName: name,
      Key: permitsKey(group),
      UpdateExpression: `ADD #takers :self${expires ? ' SET #expiresAt = :expires' : ''}`,
      ConditionExpression: 'attribute_not_exists(#takers) OR size(#takers) < :most OR contains(#takers, :taker)',
      ExpressionAttributeNames: named('takers', ...(expires ? [ttlAttribute] : [])),
      ExpressionAttributeValues: { ':self': { SS: [taker] }, ':taker': S(taker), ':most': N(most), ...expires },
    };
    return (await call.write('UpdateItem', input, signBefore)) === 'done';
  }

  return {
    async read(identity) {
      const item = await get(recordKey(keyOf(identity)));
      return item && { record: jsonOf<R>(item, 'record')[0], revision: numberOf(item, 'revision') };
    },

    async write(record, expected) {
      const entry = entryOf(record);
      const revision = revisionOf(expected) + 1;
      const writeId = newId();
      const result = await call.write('PutItem', {
        TableName: name,
        Item: recordItem(entry, revision, writeId),
        ConditionExpression: expected === 0 ? 'attribute_not_exists(#revision)' : '#revision = :expected',
        ExpressionAttributeNames: named('revision'),
        ...(expected > 0 && { ExpressionAttributeValues: { ':expected': N(expected) } }),
      });
      if (result === 'done') return revision;
      if (!result.unsure) return 'conflict';
      // The condition may have met our own first try. Revisions only go up, by one, so ours was either this one or none.
      const item = await get(recordKey(entry.key));
      if (item === undefined || numberOf(item, 'revision') < revision) return 'conflict';
      if (numberOf(item, 'revision') > revision) throw overtaken();
      return textOf(item, 'writeId') === writeId ? revision : 'conflict';
    },

    list: (listing) => list<R>(table, listing),
    due: (what, nowMs, limit) => due(table, what, nowMs, limit),

    async fileAttempt(identity, attemptId, attempt, signBefore, untilMs) {
      const key = attemptKey(keyOf(identity), attemptId);
      const expires = untilMs === undefined ? {} : { [ttlAttribute]: ttl(milliseconds(untilMs)) };
      const Item = { ...key, attempt: S(attemptJson(attempt)), ...expires };
      await call.write('PutItem', { TableName: name, Item }, signBefore);
    },

    async attempts(identity) {
      const items = await query(table, {
        ConsistentRead: true,
        KeyConditionExpression: '#pk = :pk AND begins_with(#sk, :attempt)',
        ExpressionAttributeNames: named('pk', 'sk'),
        ExpressionAttributeValues: { ':pk': S(keyOf(identity)), ':attempt': S('attempt/') },
      });
      return new Map(items.map((item) => [textOf(item, 'sk').slice('attempt/'.length), jsonOf<A>(item, 'attempt')[0]]));
    },

    async remember(key, value, nowMs, untilMs) {
      const put = {
        TableName: name,
        Item: { ...rememberedKey(key), value: S(value), ...until(milliseconds(untilMs)) },
        // TTL deletes late: what has expired may still be there, and counts as absent.
        ConditionExpression: 'attribute_not_exists(#pk) OR #untilMs <= :now',
        ExpressionAttributeNames: named('pk', 'untilMs'),
        ExpressionAttributeValues: { ':now': N(milliseconds(nowMs)) },
      };
      for (let tried = 0; tried < TRIES; tried += 1) {
        if ((await call.write('PutItem', put)) === 'done') return value;
        // Whether the earlier one is somebody else's or our own first try, it is the one that stands.
        const standing = await this.recall(key, nowMs);
        if (standing !== undefined) return standing;
      }
      throw unavailable('A value that the ledger remembers kept changing');
    },

    async recall(key, nowMs) {
      const item = await get(rememberedKey(key));
      return item !== undefined && numberOf(item, 'untilMs') > milliseconds(nowMs) ? textOf(item, 'value') : undefined;
    },

    async restate(key, value, untilMs) {
      const Item = { ...rememberedKey(key), value: S(value), ...until(milliseconds(untilMs)) };
      await call.write('PutItem', { TableName: name, Item });
    },

    async tryAcquire(window, permits, untilMs) {
      if (permits < 1) return false;
      // The takers' ids instead of a number: a repeated request finds its own there, and takes no second permit.
      return take(window, newId(), permits, { ':expires': ttl(milliseconds(untilMs)) });
    },

    async claim(group, holder, most, signBefore) {
      if (most < 1) return this.claimable(group, holder, most);
      return take(group, holder, most, undefined, signBefore);
    },

    async claimable(group, holder, most) {
      const takers = textsOf((await get(permitsKey(group))) ?? {}, 'takers');
      return takers.length < most || takers.includes(holder);
    },

    async unclaim(group, holder) {
      await call.write('UpdateItem', {
        TableName: name,
        Key: permitsKey(group),
        UpdateExpression: 'DELETE #takers :self',
        ExpressionAttributeNames: named('takers'),
        ExpressionAttributeValues: { ':self': { SS: [holder] } },
      });
    },

    async home() {
      const { Table } = await call.read('DescribeTable', { TableName: name });
      const { TableId, TableArn, CreationDateTime } = asObject(Table) ?? {};
      return String(TableId ?? `${TableArn} ${CreationDateTime}`);
    },

    async close() {},
  };
}

const newId = (): string => randomBytes(9).toString('base64url');

const overtaken = (): VendingError =>
  unavailable('A write got no answer, and others followed it: it may have been carried out', { effect: 'unknown' });
