// The ledger in DynamoDB: who asked for what, every attempt, and what came of it.
import { createHash } from 'node:crypto';
import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient({});
const TableName = process.env.KEYVEND_TABLE;
const keyOf = ({ provider, account, region, name }) => `${provider}/${account}/${region}/${name}`;

export async function readRecord(identity) {
  const Key = { pk: { S: keyOf(identity) }, sk: { S: 'record' } };
  const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  return Item && { record: JSON.parse(Item.record.S), revision: Number(Item.revision.N) };
}

/** What recovery wrote down about an account that comes close to its quota. */
export async function readUsageWarning({ provider, account, region }) {
  const digest = createHash('sha256').update(`usage ${provider}/${account}/${region}`).digest('hex');
  const Key = { pk: { S: `remembered/${digest}` }, sk: { S: 'remembered' } };
  const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  return Item?.value.S;
}

export async function writeRecord(record, expected) {
  const { identity, state } = record;
  const revision = expected + 1;
  await client.send(
    new PutItemCommand({
      TableName,
      Item: {
        pk: { S: keyOf(identity) },
        sk: { S: 'record' },
        revision: { N: String(revision) },
        provider: { S: identity.provider },
        providerState: { S: `${identity.provider}/${state}` },
        listed: { S: `${identity.provider} ${identity.region} ${identity.account} ${identity.name}` },
        record: { S: JSON.stringify(record) },
      },
      ...(expected === 0
        ? { ConditionExpression: 'attribute_not_exists(#pk)', ExpressionAttributeNames: { '#pk': 'pk' } }
        : {
            ConditionExpression: '#revision = :expected',
            ExpressionAttributeNames: { '#revision': 'revision' },
            ExpressionAttributeValues: { ':expected': { N: String(expected) } },
          }),
    }),
  );
  return revision;
}

export async function fileAttempt(identity, id, attempt) {
  const Item = { pk: { S: keyOf(identity) }, sk: { S: `attempt/${id}` }, attempt: { S: JSON.stringify(attempt) } };
  await client.send(new PutItemCommand({ TableName, Item }));
}

/** One of ten places in this second. */
export async function takeSlot({ provider, account }, taker) {
  const second = Math.floor(Date.now() / 1000);
  await client.send(
    new UpdateItemCommand({
      TableName,
      Key: { pk: { S: `slots/${provider}/${account}/${second}` }, sk: { S: 'slots' } },
      UpdateExpression: 'ADD #takers :self SET #expiresAt = :expires',
      ConditionExpression: 'attribute_not_exists(#takers) OR size(#takers) < :slots',
      ExpressionAttributeNames: { '#takers': 'takers', '#expiresAt': 'expiresAt' },
      ExpressionAttributeValues: {
        ':self': { SS: [taker] },
        ':slots': { N: '10' },
        ':expires': { N: String(second + 60) },
      },
    }),
  );
}
