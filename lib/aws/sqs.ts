// The two things a queue function does to a queue itself. Source: Amazon SQS API reference, SendMessage and
// ChangeMessageVisibility (AWS JSON 1.0).
import { VendingError } from '../errors.ts';
import { type AwsOptions, awsCaller } from './call.ts';

export interface Queues {
  /** @param attributes string attributes, up to ten */
  send(queueUrl: string, body: string, attributes: Readonly<Record<string, string>>): Promise<void>;
  /** Makes a received message visible after a time: 0 to 12 hours, in milliseconds. */
  comeBack(queueUrl: string, receiptHandle: string, afterMs: number): Promise<void>;
}

/** The dead-letter queue of a queue goes by its name, so that no function has to be told both. */
const DEAD_LETTERS = '-dead-letters';

/**
 * Where a queue is reached, from the ARN that every record carries: `arn:aws:sqs:<region>:<account>:<name>`.
 * @param endpoint `https://host[:port]` instead of the region's own
 */
export function queueUrls(arn: string, endpoint?: string): { queue: string; deadLetters: string } {
  const [, partition, , region, account, name] = arn.split(':');
  if (!region || !account || !name) throw new TypeError('not the ARN of a queue');
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const queue = `${endpoint ?? `https://sqs.${region}.${domain}`}/${account}/${name}`;
  return { queue, deadLetters: `${queue}${DEAD_LETTERS}` };
}

const LONGEST_S = 12 * 60 * 60;

/** @throws {VendingError} QUEUE_UNAVAILABLE, from every method */
export function sqs(options: AwsOptions): Queues {
  const caller = awsCaller({ name: 'sqs', target: 'AmazonSQS', json: '1.0' }, options);
  const call = async (action: string, input: object) => {
    const outcome = await caller.call(action, input);
    if ('fields' in outcome) return;
    const { why, upstreamCode, requestId } = outcome.failure;
    throw new VendingError('QUEUE_UNAVAILABLE', `The queue did not take this (${action}: ${why})`, {
      ...(upstreamCode === undefined ? {} : { upstreamCode }),
      ...(requestId === undefined ? {} : { requestId }),
    });
  };
  return {
    async send(QueueUrl, MessageBody, attributes) {
      const MessageAttributes = Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      );
      await call('SendMessage', { QueueUrl, MessageBody, MessageAttributes });
    },
    async comeBack(QueueUrl, ReceiptHandle, afterMs) {
      const VisibilityTimeout = Math.min(LONGEST_S, Math.ceil(afterMs / 1_000));
      await call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout });
    },
  };
}
