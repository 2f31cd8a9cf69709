import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { about } from '../../../lib/application/about.ts';
import type { Message } from '../../../lib/application/messages.ts';
import { VendingError } from '../../../lib/errors.ts';
import { takeBatch } from '../../../lib/platforms/aws/queue.ts';
import type { AroundBatch } from '../../../lib/platforms/platform.ts';
import { testClock } from '../../doubles/test-clock.ts';

const batch = (...bodies: string[]): SQSEvent => ({
  Records: bodies.map(
    (body, i) => ({ messageId: `m${i}`, receiptHandle: `h${i}`, eventSourceARN: 'arn', body }) as SQSRecord,
  ),
});
const context = { getRemainingTimeInMillis: () => 30_000 };

function queue(over: Partial<Awaited<ReturnType<AroundBatch['queues']>>> = {}) {
  const done: string[] = [];
  const warned: object[] = [];
  const around: AroundBatch = {
    refuse: async (id, code) => void done.push(`${id} refused ${code}`),
    log: { info: () => {}, warn: (message, fields) => void warned.push({ message, ...fields }), failed: () => {} },
    clock: testClock(),
    queues: async () => ({
      send: async () => {},
      bury: async (arn, body, { code }) => void done.push(`${body} of ${arn} buried ${code}`),
      postpone: async (arn, receipt, afterMs) => void done.push(`${receipt} of ${arn} back in ${afterMs}`),
      ...over,
    }),
  };
  return { done, warned, around };
}
const act = async ({ body }: Message) => {
  if (body === 'bad') throw new VendingError('INVALID_REQUEST', 'No');
  if (body === 'busy') throw new VendingError('IN_PROGRESS', 'Wait', { retryAfterMs: 90_000 });
  if (body === 'down') throw new VendingError('CLOUD_UNREACHABLE', 'Down');
  if (body === 'bug') throw new Error('a bug');
};

describe('a batch of messages', () => {
  it('is handled message by message: each is done, buried among the dead letters, or postponed', async () => {
    const { done, around } = queue();
    const answer = await takeBatch(batch('good', 'bad', 'busy', 'down', 'bug', 'good'), context, act, around);
    expect(answer).toEqual({ batchItemFailures: ['m2', 'm3', 'm4'].map((itemIdentifier) => ({ itemIdentifier })) });
    expect(done.sort()).toEqual([
      'bad of arn buried INVALID_REQUEST',
      'h2 of arn back in 90000',
      'h3 of arn back in 30000',
      'h4 of arn back in 30000',
      'm1 refused INVALID_REQUEST',
    ]);
  });

  it.each<[string, Parameters<typeof queue>[0], Partial<AroundBatch>]>([
    ['dead-letter queue does not take it', { bury: () => Promise.reject(new Error('down')) }, {}],
    ['refusal cannot be announced', {}, { refuse: () => Promise.reject(new Error('down')) }],
  ])('keeps a bad message when the %s', async (_, queues, over) => {
    const around = { ...queue(queues).around, ...over };
    const answer = await takeBatch(batch('bad', 'good'), context, act, around);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  });

  it('keeps a message whose visibility cannot be changed', async () => {
    const { around } = queue({ postpone: () => Promise.reject(new Error('down')) });
    const answer = await takeBatch(batch('busy', 'good'), context, act, around);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  });

  it('tells of each that is put back and was sent half an hour ago, since the age that the queue shows leaves those out', async () => {
    const { warned, around } = queue();
    const sent = (minutesAgo: number, body: string): SQSRecord => {
      const SentTimestamp = String(around.clock.wallMs() - minutesAgo * 60_000);
      return { ...batch(body).Records[0]!, attributes: { SentTimestamp } as SQSRecord['attributes'] };
    };
    const web = { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'web' } as const;
    const named = (message: Message) => about(web, act(message));
    await takeBatch({ Records: [sent(29, 'busy'), sent(31, 'down'), sent(45, 'good')] }, context, named, around);
    expect(warned).toEqual([{ message: 'message late', ...web, messageId: 'm0', minutes: 31 }]);
  });
});
