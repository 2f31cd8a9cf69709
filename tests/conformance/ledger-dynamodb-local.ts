// A DynamoDB on loopback for a test file, and a fresh table for each test.
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
// @ts-expect-error: it has no types
import createServer from 'dynalite';
import { ANSWER_BYTES } from '../../lib/aws/environment.ts';
import { type DynamoLedgerOptions, dynamoLedger } from '../../lib/ledger/dynamodb/dynamodb-ledger.ts';
import { tableDefinition } from '../../lib/ledger/dynamodb/dynamodb-table.ts';
import { Secret } from '../../lib/secret.ts';
import { createTransport } from '../../lib/transport/transport.ts';
import type { Transport } from '../../lib/transport/wire.ts';
import { type TestClock, testClock } from '../doubles/test-clock.ts';
import type { LedgerHarness, TestLedger, TestRecord } from './ledger-harness.ts';

export interface LocalTable extends LedgerHarness {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly clock: TestClock;
  readonly options: DynamoLedgerOptions;
  /** A ledger on the same table, with other options. */
  open(over: Partial<DynamoLedgerOptions>): TestLedger;
}

export interface LocalDynamo {
  readonly endpoint: string;
  /** @param name default: one that no other table has */
  table(name?: string): Promise<LocalTable>;
  stop(): Promise<void>;
}

export async function startDynalite(): Promise<LocalDynamo> {
  const server: Server = createServer({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return localDynamo(endpoint, () => new Promise((resolve) => server.close(() => resolve())));
}

const region = 'us-east-1';
/** AWS's own example, which belongs to nobody. */
const [id, key] = ['AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'];

export function localDynamo(
  endpoint: string,
  stopServer: () => Promise<void>,
  line: (transport: Transport) => Transport = (transport) => transport,
): LocalDynamo {
  const clock = testClock();
  const transport = line(createTransport({ clock, maxAnswerBytes: ANSWER_BYTES }));
  const client = new DynamoDBClient({ region, endpoint, credentials: { accessKeyId: id, secretAccessKey: key } });
  let tables = 0;
  return {
    endpoint,
    async table(table = `ledger-${++tables}`) {
      // The SDK's types want arrays they may change.
      const definition = structuredClone(tableDefinition) as unknown as CreateTableCommand['input'];
      await client.send(new CreateTableCommand({ ...definition, TableName: table }));
      const described = () => client.send(new DescribeTableCommand({ TableName: table }));
      while ((await described()).Table?.TableStatus !== 'ACTIVE');
      const options: DynamoLedgerOptions = {
        transport,
        credentials: async () => ({ accessKeyId: id, secretAccessKey: new Secret(key) }),
        region,
        endpoint,
        table,
        clock,
        wait: () => wait(0),
        timeoutMs: 25_000,
      };
      const open = (over: Partial<DynamoLedgerOptions>) => dynamoLedger<TestRecord, unknown>({ ...options, ...over });
      return { client, table, clock, options, open, ledger: open({}), other: open({}) };
    },
    async stop() {
      transport.close();
      client.destroy();
      await stopServer();
    },
  };
}
