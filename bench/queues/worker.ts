// One process that takes messages, as an environment of a queue function on Lambda does: pollers of the local stack around the
// very functions. Ends when its parent lets go of it.
import { SQSClient } from '@aws-sdk/client-sqs';
import { ACCOUNT, poll, REGION } from '../../local/stack/queue-pollers.ts';
import type { QueueKey } from '../../local/stack/queue-signature.ts';

export interface Order {
  readonly endpoint: string;
  readonly key: QueueKey;
  readonly queue: string;
  readonly handler: string;
  readonly batchSize: number;
  readonly pollers: number;
}

const { endpoint, key, pollers: count, ...of } = JSON.parse(process.argv[2] ?? '') as Order;
const client = new SQSClient({ endpoint, region: REGION, credentials: key });
const server = { url: (queue: string) => `${endpoint}/${ACCOUNT}/${queue}` };
const pollers = await Promise.all(
  Array.from({ length: count }, () => poll(client, server, { ...of, timeoutMs: 30_000 })),
);

process.once('disconnect', async () => {
  await Promise.all(pollers.map((poller) => poller.stop()));
  const { runtime } = await import('../../lib/platforms/runtime.ts');
  const { ledger, store } = await runtime.ports();
  await ledger.close();
  await store.close();
  process.exit(0);
});
process.send?.('polling');
