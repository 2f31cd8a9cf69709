// SQS's batches: each message is handled by itself, so that a bad one never blocks good ones. One that must wait is made
// visible again when it is time; one that can never succeed goes to the dead-letter queue with its reason.
// Source: "Implementing partial batch responses" (AWS Lambda), ChangeMessageVisibility (Amazon SQS).
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { queueSender } from '../../access/principal.ts';
import { type Act, deliver } from '../../application/messages.ts';
import { attributesThatFit } from '../../aws/sqs.ts';
import type { Refusal } from '../../inbox/inbox.ts';
import type { AroundBatch } from '../platform.ts';
import { leftMsOf } from './http.ts';

export async function takeBatch(
  event: unknown,
  context: unknown,
  act: Act,
  around: AroundBatch,
): Promise<SQSBatchResponse> {
  const { Records } = event as SQSEvent;
  const over = await Promise.all(Records.map((record) => take(record, act, leftMsOf(context), around)));
  const failed = Records.filter((_, i) => !over[i]);
  return { batchItemFailures: failed.map(({ messageId: itemIdentifier }) => ({ itemIdentifier })) };
}

/** @returns whether the queue may forget the message */
function take(
  { messageId: id, body, receiptHandle, eventSourceARN, attributes }: SQSRecord,
  act: Act,
  leftMs: number,
  { queues, ...around }: AroundBatch,
): Promise<boolean> {
  const sender = queueSender(eventSourceARN?.split(':').at(-1) ?? '', attributes?.SenderId);
  const sentMs = Number(attributes?.SentTimestamp ?? Number.NaN);
  const endings = {
    done: async () => {}, // whoever called forgets what is not reported as failed
    postpone: async (afterMs: number) => (await queues()).postpone(eventSourceARN, receiptHandle, afterMs),
    async bury({ code, reason, fields }: Refusal) {
      const said = { code, reason, ...(fields && { fields: JSON.stringify(fields) }) };
      await (await queues()).bury(eventSourceARN, body, attributesThatFit(body, said));
    },
  };
  return deliver({ id, body, sender, filedAtMs: sentMs }, act, leftMs, endings, around);
}
