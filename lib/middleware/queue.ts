// What every queue function does around its one call: each message for itself, so that a bad one never blocks good ones.
// What can never succeed goes to the dead-letter queue with its reason; what has to wait comes back when it is time.
// Source: "Implementing partial batch responses" (AWS Lambda), ChangeMessageVisibility (Amazon SQS).
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { failures, VendingError } from '../errors.ts';

export interface QueueOptions {
  /** Sends a message on to the dead-letter queue. @throws when it is not there: then the message must stay */
  readonly deadLetter: (record: SQSRecord, error: VendingError) => Promise<void>;
  /** Makes a message visible again after a time, in milliseconds. */
  readonly comeBack: (record: SQSRecord, afterMs: number) => Promise<void>;
  /** Told of every failure: its code and ids, and never its input. */
  readonly failed: (error: unknown) => void;
}

/** After a failure that says nothing about when. */
const USUAL_WAIT_MS = 30_000;

/** @param act one message's work; it may be given the same message twice, and two at once */
export async function eachMessage(
  event: SQSEvent,
  act: (record: SQSRecord) => Promise<void>,
  options: QueueOptions,
): Promise<SQSBatchResponse> {
  const done = await Promise.all(event.Records.map((record) => oneMessage(record, act, options)));
  const batchItemFailures = event.Records.filter((_, i) => !done[i]).map(({ messageId: itemIdentifier }) => ({
    itemIdentifier,
  }));
  return { batchItemFailures };
}

/** @returns whether the queue may forget the message */
async function oneMessage(
  record: SQSRecord,
  act: (record: SQSRecord) => Promise<void>,
  { deadLetter, comeBack, failed }: QueueOptions,
): Promise<boolean> {
  try {
    await act(record);
    return true;
  } catch (error) {
    failed(error);
    try {
      if (error instanceof VendingError && !failures[error.code].retry) {
        await deadLetter(record, error);
        return true;
      }
      await comeBack(record, (error instanceof VendingError ? error.retryAfterMs : undefined) ?? USUAL_WAIT_MS);
    } catch (cause) {
      failed(cause); // the message stays invisible for the queue's own time, and comes back then
    }
    return false;
  }
}
