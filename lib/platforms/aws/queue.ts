// SQS's batches: each message is handled by itself, so that a bad one never blocks good ones. One that must wait is made
// visible again when it is time; one that can never succeed goes to the dead-letter queue with its reason.
// Source: "Implementing partial batch responses" (AWS Lambda), ChangeMessageVisibility (Amazon SQS).
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { queueSender } from '../../access/principal.ts';
import { aboutOf } from '../../application/about.ts';
import { type Act, outcomeOf } from '../../application/messages.ts';
import type { AroundBatch } from '../platform.ts';
import { leftMsOf } from './http.ts';

/** What is put back for so long does not pass by itself. SQS's own age of the oldest message leaves out what was received three times. */
const LATE_MS = 30 * 60_000;

export async function takeBatch(
  event: unknown,
  context: unknown,
  act: Act,
  around: AroundBatch,
): Promise<SQSBatchResponse> {
  const { Records } = event as SQSEvent;
  const done = await Promise.all(Records.map((record) => take(record, act, leftMsOf(context), around)));
  const failed = Records.filter((_, i) => !done[i]);
  return { batchItemFailures: failed.map(({ messageId: itemIdentifier }) => ({ itemIdentifier })) };
}

/** @returns whether the queue may forget the message */
async function take(
  { messageId: id, body, receiptHandle, eventSourceARN, attributes }: SQSRecord,
  act: Act,
  leftMs: number,
  { queues, refuse, log, clock }: AroundBatch,
): Promise<boolean> {
  const sender = queueSender(eventSourceARN?.split(':').at(-1) ?? '', attributes?.SenderId);
  const outcome = await outcomeOf(act({ id, body, sender }, leftMs), log.failed);
  if (outcome === 'done') return true;
  try {
    const { postpone, bury } = await queues();
    if ('refused' in outcome) {
      const { code, message } = outcome.refused;
      await refuse(id, code); // first: if one of the two fails, the message comes back, and both are done again
      await bury(eventSourceARN, body, { code, reason: message });
      return true;
    }
    const ageMs = clock.wallMs() - Number(attributes?.SentTimestamp ?? Number.NaN);
    if (ageMs >= LATE_MS)
      log.warn('message late', { ...aboutOf(outcome.because), messageId: id, minutes: Math.floor(ageMs / 60_000) });
    await postpone(eventSourceARN, receiptHandle, outcome.postponeMs);
  } catch (cause) {
    log.failed(cause); // the message stays invisible for the queue's own time, and comes back then
  }
  return false;
}
