import { randomUUID } from 'node:crypto';
import type { SQSRecord } from 'aws-lambda';
import { describe } from 'vitest';
import type { QueueActions } from '../../lib/aws/sqs.ts';
import { takeBatch } from '../../lib/platforms/aws/queue.ts';
import { testClock } from '../doubles/test-clock.ts';
import { contextOf, IN_HAND_MS, type QueueHarness, queueContract, telling } from './queue-contract.ts';

const ARN = 'arn:aws:sqs:us-east-1:000000000000:keyvend-ecs';
const LONGEST_BYTES = 256 * 1024;

interface Held {
  readonly id: string;
  readonly body: string;
  readonly sentMs: number;
  visibleMs: number;
}

/** As much of SQS as a function has to do with: what it hides, shows again and takes. */
async function startSqs(): Promise<QueueHarness> {
  const clock = testClock();
  const broken: QueueHarness['broken'] = new Set();
  const held = new Map<string, Held>();
  const dead: { readonly body: string; readonly attributes: Readonly<Record<string, string>> }[] = [];
  const { told, rest } = telling({ clock }, broken);
  const actions: QueueActions = {
    send: () => Promise.reject(new Error('nothing is sent')),
    async postpone(arn, receipt, afterMs) {
      if (broken.has('postpone') || arn !== ARN) throw new Error('down');
      held.get(receipt)!.visibleMs = clock.wallMs() + afterMs;
    },
    async bury(arn, body, attributes) {
      if (broken.has('bury') || arn !== ARN) throw new Error('down');
      const words = Object.entries(attributes).flatMap(([name, value]) => [name, 'String', value]);
      const bytes = [body, ...words].reduce((sum, word) => sum + Buffer.byteLength(word), 0);
      const isWrong = Object.keys(attributes).length > 10 || Object.values(attributes).includes('');
      if (isWrong || bytes > LONGEST_BYTES) throw new Error('InvalidParameterValue');
      dead.push({ body, attributes });
    },
  };
  return {
    broken,
    told,
    async send(body) {
      const id = randomUUID();
      held.set(id, { id, body, sentMs: clock.wallMs(), visibleMs: clock.wallMs() });
      return id;
    },
    async deliver(act) {
      const due = [...held.values()].filter(({ visibleMs }) => visibleMs <= clock.wallMs());
      for (const one of due) one.visibleMs = clock.wallMs() + IN_HAND_MS;
      const Records = due.map(({ id, body, sentMs }) => {
        const attributes = { SentTimestamp: String(sentMs), SenderId: 'AIDAEXAMPLE' };
        return { messageId: id, receiptHandle: id, body, eventSourceARN: ARN, attributes } as SQSRecord;
      });
      const around = { ...rest, queues: async () => actions };
      const { batchItemFailures } = await takeBatch({ Records }, contextOf(30_000), act, around);
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      for (const { id } of due) if (!failed.has(id)) held.delete(id);
    },
    advance: (ms) => clock.advance(ms),
    deadLetters: async () =>
      dead.map(({ body, attributes: { code = '', reason = '', fields } }) => ({
        ...{ body, code, reason },
        ...(fields !== undefined && { fields: JSON.parse(fields) }),
      })),
    left: async () => held.size,
  };
}

describe('the queue in SQS', () => queueContract(startSqs));
