import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { VendingError } from '../../../lib/errors.ts';
import { eachMessage, type QueueOptions } from '../../../lib/middleware/queue.ts';

const batch = (...bodies: string[]): SQSEvent => ({
  Records: bodies.map((body, i) => ({ messageId: `m${i}`, receiptHandle: `h${i}`, body }) as SQSRecord),
});

function queue(over: Partial<QueueOptions> = {}) {
  const done: string[] = [];
  const options: QueueOptions = {
    deadLetter: async ({ messageId }, { code }) => void done.push(`${messageId} dead ${code}`),
    comeBack: async ({ messageId }, afterMs) => void done.push(`${messageId} back in ${afterMs}`),
    failed: () => {},
    ...over,
  };
  return { done, options };
}
const act = async ({ body }: SQSRecord) => {
  if (body === 'bad') throw new VendingError('INVALID_REQUEST', 'No');
  if (body === 'busy') throw new VendingError('IN_PROGRESS', 'Wait', { retryAfterMs: 90_000 });
  if (body === 'down') throw new VendingError('CLOUD_UNREACHABLE', 'Down');
  if (body === 'bug') throw new Error('a bug');
};

describe('a batch of messages', () => {
  it('is dealt with one by one: done, dead, or back when it is time', async () => {
    const { done, options } = queue();
    const answer = await eachMessage(batch('good', 'bad', 'busy', 'down', 'bug', 'good'), act, options);
    expect(answer).toEqual({ batchItemFailures: ['m2', 'm3', 'm4'].map((itemIdentifier) => ({ itemIdentifier })) });
    expect(done.sort()).toEqual([
      'm1 dead INVALID_REQUEST',
      'm2 back in 90000',
      'm3 back in 30000',
      'm4 back in 30000',
    ]);
  });

  it('keeps a bad message when the dead-letter queue does not take it', async () => {
    const { options } = queue({ deadLetter: () => Promise.reject(new Error('down')) });
    const answer = await eachMessage(batch('bad', 'good'), act, options);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  });

  it('keeps a message whose visibility cannot be changed', async () => {
    const { options } = queue({ comeBack: () => Promise.reject(new Error('down')) });
    const answer = await eachMessage(batch('busy', 'good'), act, options);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  });
});
