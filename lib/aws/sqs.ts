// What functions do with queues. Source: Amazon SQS API reference, SendMessage and ChangeMessageVisibility (AWS JSON 1.0).
import { VendingError } from '../errors.ts';
import { type AwsOptions, awsCaller } from './call.ts';
import { hostOf } from './partitions.ts';

export interface QueueActions {
  /**
   * Puts a message into any queue, by its URL.
   * @param attributes string attributes, up to ten @param afterMs nobody receives it before that, up to 15 minutes
   */
  send(queueUrl: string, body: string, attributes: Readonly<Record<string, string>>, afterMs?: number): Promise<void>;
  /** Makes a received message visible again after a time: 0 to 12 hours, in milliseconds. @param queueArn where it came from */
  postpone(queueArn: string, receiptHandle: string, afterMs: number): Promise<void>;
  /** Puts a message into the dead-letter queue of the queue that it came from. */
  bury(queueArn: string, body: string, attributes: Readonly<Record<string, string>>): Promise<void>;
}

/** A queue's dead-letter queue is found by the queue's name, so that no function needs to be told both. */
const DEAD_LETTERS = '-dead-letters';

/**
 * Where a queue is reached, from the ARN that every record carries: `arn:aws:sqs:<region>:<account>:<name>`.
 * @param endpoint `https://host[:port]` instead of the region's own
 */
export function queueUrls(arn: string, endpoint?: string): { queue: string; deadLetters: string } {
  const [, , , region, account, name] = arn.split(':');
  if (!region || !account || !name) throw new TypeError('not the ARN of a queue');
  const queue = `${endpoint ?? `https://${hostOf('sqs', region)}`}/${account}/${name}`;
  return { queue, deadLetters: `${queue}${DEAD_LETTERS}` };
}

const LONGEST_S = 12 * 60 * 60;
/** What a queue takes in all, body and attributes. One may be set to take more, and then a body says so by its own length. */
const SMALL_BYTES = 256 * 1024;
const LARGE_BYTES = 1024 * 1024;

/**
 * The first of the attributes, as many as a message may have beside its body: one that came through a queue has to go into the next.
 * @param attributes string attributes, the most important first
 */
export function attributesThatFit(
  body: string,
  attributes: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const bodyBytes = Buffer.byteLength(body);
  let left = (bodyBytes > SMALL_BYTES ? LARGE_BYTES : SMALL_BYTES) - bodyBytes;
  const fitting = Object.entries(attributes).filter(([name, value]) => {
    left -= Buffer.byteLength(`${name}String${value}`);
    return left >= 0;
  });
  return Object.fromEntries(fitting);
}

/** @throws {VendingError} QUEUE_UNAVAILABLE, from every method */
export function sqs(options: AwsOptions): QueueActions {
  const caller = awsCaller({ name: 'sqs', target: 'AmazonSQS', json: '1.0' }, options);
  const call = async (action: string, input: object) => {
    const outcome = await caller.call(action, input);
    if ('fields' in outcome) return;
    const { why, upstreamCode, requestId } = outcome.failure;
    throw new VendingError('QUEUE_UNAVAILABLE', `The queue did not accept this (${action}: ${why})`, {
      ...(upstreamCode === undefined ? {} : { upstreamCode }),
      ...(requestId === undefined ? {} : { requestId }),
    });
  };
  const send: QueueActions['send'] = async (QueueUrl, MessageBody, attributes, afterMs = 0) => {
    const MessageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    );
    const later = afterMs > 0 ? { DelaySeconds: Math.min(900, Math.ceil(afterMs / 1_000)) } : {};
    await call('SendMessage', { QueueUrl, MessageBody, MessageAttributes, ...later });
  };
  return {
    send,
    async postpone(queueArn, ReceiptHandle, afterMs) {
      const VisibilityTimeout = Math.min(LONGEST_S, Math.ceil(afterMs / 1_000));
      const QueueUrl = queueUrls(queueArn, options.endpoint).queue;
      await call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout });
    },
    bury: (queueArn, body, attributes) => send(queueUrls(queueArn, options.endpoint).deadLetters, body, attributes),
  };
}
