// The pollers that hand the queues' messages to the queue functions as Lambda would: in batches, deleting what the function did not
// report as failed. Whoever loads this is a process of functions (invoke.ts).
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse } from 'aws-lambda';
import { contextFor, handlerOf } from './invoke.ts';
import { ACCOUNT, type QueueServer, REGION } from './queues.ts';
import type { Poll } from './routes.ts';

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
