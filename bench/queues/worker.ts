// One process that takes messages, as an environment of a queue function on Lambda does: pollers of the local stack around the
// very functions; or as many claimants of an inbox around the same work. Ends when its parent lets go of it.
import { SQSClient } from '@aws-sdk/client-sqs';
import { systemClock } from '../../lib/clock.ts';
import { inboxFrom } from '../../lib/platforms/inbox.ts';
import { takeBatch } from '../../lib/platforms/serve/queue.ts';
import type { ProviderName } from '../../lib/provider-table.ts';
import { connectionOf } from '../../lib/providers/connect.ts';
import type { Poller } from '../../local/stack/queue-pollers.ts';
import type { QueueKey } from '../../local/stack/queue-signature.ts';
import { ACCOUNT, REGION } from '../../local/stack/queues.ts';

export interface Order {
  readonly endpoint: string;
  readonly key: QueueKey;
  readonly queue: string;
  readonly handler: string;
  readonly batchSize: number;
  readonly pollers: number;
  /** Whose messages are claimed from the inbox that the environment names, instead of a queue of SQS. */
  readonly inboxOf?: ProviderName;
}

/** As deployed: a function's time, and six times that for a message. */
const TIMEOUT_MS = 30_000;
const LEASE_MS = 6 * TIMEOUT_MS;
const IDLE_MS = 50;

const { endpoint, key, pollers: count, inboxOf, ...of } = JSON.parse(process.argv[2] ?? '') as Order;
const pollers = await (inboxOf === undefined ? ofSqs() : ofInbox(inboxOf));

async function ofSqs(): Promise<Poller[]> {
  // Makes this process one of functions, whose log takes no line outside of a call: not for those who claim from an inbox.
  const { poll } = await import('../../local/stack/queue-pollers.ts');
  const client = new SQSClient({ endpoint, region: REGION, credentials: key });
  const server = { url: (queue: string) => `${endpoint}/${ACCOUNT}/${queue}` };
  return Promise.all(Array.from({ length: count }, () => poll(client, server, { ...of, timeoutMs: TIMEOUT_MS })));
}

async function ofInbox(provider: ProviderName): Promise<Poller[]> {
  const { runtime } = await import('../../lib/platforms/runtime.ts'); // reads its configuration when it is loaded
  const { vending } = await import('../../lib/application/vend-endpoint.ts');
  const { message } = vending(runtime, provider, await connectionOf(provider));
  const inbox = await inboxFrom(process.env, systemClock);
  const around = { ...runtime, queues: () => Promise.reject(new Error('there are none')) };
  let stopping = false;
  const claiming = Array.from({ length: count }, async () => {
    while (!stopping) {
      const claimed = await inbox.claim(of.queue, of.batchSize, LEASE_MS);
      if (claimed.length === 0) await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
      else {
        const endMs = performance.now() + TIMEOUT_MS;
        await takeBatch({ inbox, claimed }, { leftMs: () => endMs - performance.now() }, message, around);
      }
    }
  });
  const stop = async () => {
    stopping = true;
    await Promise.all(claiming);
    await inbox.close();
  };
  return [{ stop }];
}

process.once('disconnect', async () => {
  await Promise.all(pollers.map((poller) => poller.stop()));
  const { runtime } = await import('../../lib/platforms/runtime.ts');
  const { ledger, store } = await runtime.ports();
  await ledger.close();
  await store.close();
  process.exit(0);
});
process.send?.('polling');
