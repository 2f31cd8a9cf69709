// The queue server as a child process, and the pollers that hand its messages to the queue functions as Lambda would:
// in batches, deleting what the function did not report as failed.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse } from 'aws-lambda';
import { contextFor, handlerOf } from './invoke.ts';
import type { QueueKey } from './queue-signature.ts';
import type { Poll } from './routes.ts';

export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';

export interface QueueServer {
  readonly endpoint: string;
  /** What calls are signed with; another one at every start. */
  readonly key: QueueKey;
  url(queue: string): string;
  stop(): Promise<void>;
}

/** @param queues names; each gets a dead-letter queue beside it, except those that end in `!` */
export async function startQueues(dataDir: string, queues: readonly string[]): Promise<QueueServer> {
  const wanted = queues.flatMap((queue) =>
    queue.endsWith('!') ? [queue.slice(0, -1)] : [`${queue}-dead-letters`, `${queue}>${queue}-dead-letters`],
  );
  const script = fileURLToPath(new URL('./queue-server.ts', import.meta.url));
  const key = { accessKeyId: 'keyvend', secretAccessKey: randomBytes(32).toString('base64url') };
  // With an IPC channel: if this process is killed, the child notices and ends. The key is in no argument: anyone can list those.
  const child = spawn(process.execPath, [script, dataDir, ...wanted], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, KEYVEND_QUEUE_KEY: queueKeyOf(key) },
  });
  const lines = createInterface({ input: child.stdout! });
  const [port] = (await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error('the queue server did not start'))),
  ])) as [string];
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    endpoint,
    key,
    url: (queue) => `${endpoint}/${ACCOUNT}/${queue}`,
    async stop() {
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** As the environment has it: `<id>:<secret>`. */
export const queueKeyOf = ({ accessKeyId, secretAccessKey }: QueueKey): string => `${accessKeyId}:${secretAccessKey}`;

export interface Poller {
  /** Ends once the batch in hand is done. */
  stop(): Promise<void>;
}

/** Here a killed process starts again at once; what it held should not have to be waited for much longer than that. */
const LONGEST_MS = 120_000;

/** @param poll `queue` by its name on the server */
export async function poll(
  client: SQSClient,
  server: Pick<QueueServer, 'url'>,
  { queue, handler: name, batchSize, timeoutMs }: Omit<Poll, 'workers'>,
): Promise<Poller> {
  const limitMs = Math.min(timeoutMs, LONGEST_MS);
  const handler = await handlerOf(name);
  const QueueUrl = server.url(queue);
  const stopping = new AbortController();

  async function oneBatch(): Promise<void> {
    const receive = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: batchSize,
      WaitTimeSeconds: 20,
      VisibilityTimeout: (6 * limitMs) / 1_000, // as deployed: six times the function's own time
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    const { Messages = [] } = await client.send(receive, { abortSignal: stopping.signal });
    if (Messages.length === 0) return;
    const Records = Messages.map((message) => record(message, queue));
    const answer = (await handler({ Records }, contextFor(name, limitMs))) as SQSBatchResponse;
    const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const done = Messages.filter(({ MessageId }) => !failed.has(MessageId ?? ''));
    if (done.length === 0) return;
    const Entries = done.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }

  const running = (async () => {
    while (!stopping.signal.aborted) {
      await oneBatch().catch(async (error: Error) => {
        if (stopping.signal.aborted) return;
        process.stderr.write(`queue ${queue}: ${error.name}; trying again\n`);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      });
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

const record = (message: Message, queue: string) => ({
  messageId: message.MessageId,
  receiptHandle: message.ReceiptHandle,
  body: message.Body,
  attributes: message.Attributes ?? {},
  messageAttributes: message.MessageAttributes ?? {},
  md5OfBody: message.MD5OfBody,
  eventSource: 'aws:sqs',
  eventSourceARN: `arn:aws:sqs:${REGION}:${ACCOUNT}:${queue}`,
  awsRegion: REGION,
});
