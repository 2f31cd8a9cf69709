// A DynamoDB ledger with a given number of key pairs in it, on a local DynamoDB, and a meter on its wire.
import { BatchWriteItemCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { attemptKey, recordItem, S } from '../../lib/ledger/dynamodb/dynamodb-items.ts';
import { dynamoLedger } from '../../lib/ledger/dynamodb/dynamodb-ledger.ts';
import { attemptJson, entryOf } from '../../lib/ledger/entry.ts';
import type { Transport } from '../../lib/transport/wire.ts';
import type { Attempt } from '../../lib/vending/attempt.ts';
import type { KeyPairRecord } from '../../lib/vending/record.ts';
import type { LocalDynamo, LocalTable } from '../../tests/conformance/ledger-dynamodb-local.ts';
import { Meter } from './cost.ts';
import { type Filled, filed } from './operations.ts';

export async function filledDynamo(dynamo: LocalDynamo, keys: number): Promise<Filled> {
  const table = await dynamo.table();
  await fill(table, keys);
  const meter = new Meter();
  const transport = heard(table.options.transport, meter);
  return { keys, meter, ledger: meter.metered(dynamoLedger<KeyPairRecord, Attempt>({ ...table.options, transport })) };
}

/** The most that one request takes. */
const BATCH = 25;

async function fill({ client, table }: LocalTable, keys: number): Promise<void> {
  const puts: WriteRequest[] = [];
  const flush = async () => {
    while (puts.length > 0) {
      await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: puts.splice(0, BATCH) } }));
    }
  };
  for await (const { record, id, attempt } of filed(keys)) {
    const entry = entryOf(record);
    const items = [recordItem(entry, 1, 'filled'), { ...attemptKey(entry.key, id), attempt: S(attemptJson(attempt)) }];
    puts.push(...items.map((item) => ({ PutRequest: { Item: item as never } })));
    if (puts.length >= BATCH) await flush();
  }
  await flush();
}

interface Consumed {
  readonly CapacityUnits: number;
}
interface Answer {
  readonly Item?: object;
  readonly ScannedCount?: number;
  readonly Responses?: Readonly<Record<string, readonly object[]>>;
  /** A list for a batch. */
  readonly ConsumedCapacity?: Consumed | readonly Consumed[];
}

/** Asks for the capacity that a request consumes, which makes its signature wrong; the local DynamoDB does not check it. */
const heard = (transport: Transport, meter: Meter): Transport => ({
  ...transport,
  async send(request, call) {
    const asked = JSON.parse(request.body.toString()) as object;
    const body = Buffer.from(JSON.stringify({ ...asked, ReturnConsumedCapacity: 'TOTAL' }));
    const answer = await transport.send({ ...request, body }, call);
    const { ConsumedCapacity = [], ...answered } = JSON.parse(answer.body.toString()) as Answer;
    const batch = Object.values(answered.Responses ?? {}).flat().length;
    if ('Key' in asked && !('UpdateExpression' in asked)) meter.read += answered.Item === undefined ? 0 : 1;
    else if ('Item' in asked || 'UpdateExpression' in asked) meter.written += 1;
    else meter.read += (answered.ScannedCount ?? 0) + batch;
    meter.bytes += request.body.length + JSON.stringify(answered).length;
    for (const { CapacityUnits } of [ConsumedCapacity].flat() as Consumed[]) meter.capacity += CapacityUnits;
    return answer;
  },
});
