import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { VendingError } from '../../lib/errors.ts';
import type { Inbox } from '../../lib/inbox/inbox.ts';
import { sqliteInbox } from '../../lib/inbox/sqlite/sqlite-inbox.ts';
import { takeBatch } from '../../lib/platforms/serve/queue.ts';
import { testClock } from '../doubles/test-clock.ts';
import { Q, sender } from './inbox-contract.ts';
import { contextOf, IN_HAND_MS, type QueueHarness, queueContract, telling } from './queue-contract.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

async function startInbox() {
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-queue-'));
  cleanUp.push(() => rmSync(folder, { recursive: true }));
  const clock = testClock();
  const inbox = await sqliteInbox({ path: join(folder, 'inbox.sqlite'), clock });
  cleanUp.push(() => inbox.close());
  const broken: QueueHarness['broken'] = new Set();
  const { told, rest } = telling({ clock }, broken);
  const around = { ...rest, queues: () => Promise.reject(new Error('there are none')) };
  const unless = (what: 'postpone' | 'bury') =>
    broken.has(what) ? Promise.reject(new VendingError('QUEUE_UNAVAILABLE', 'Down')) : undefined;
  const breaking: Pick<Inbox, 'done' | 'postpone' | 'bury'> = {
    done: inbox.done,
    postpone: async (...given) => unless('postpone') ?? inbox.postpone(...given),
    bury: async (...given) => unless('bury') ?? inbox.bury(...given),
  };
  const queue: QueueHarness = {
    broken,
    told,
    async send(body) {
      const id = randomUUID();
      await inbox.file(Q, { id, body, sender });
      return id;
    },
    async deliver(act) {
      const claimed = await inbox.claim(Q, 10, IN_HAND_MS);
      await takeBatch({ inbox: breaking, claimed }, contextOf(30_000), act, around);
    },
    advance: (ms) => clock.advance(ms),
    async deadLetters() {
      const { messages } = await inbox.list({ queue: Q, state: 'buried', limit: 100 });
      return Promise.all(
        messages.map(async ({ id, refusal }) => ({ body: (await inbox.read(Q, id))!.body, ...refusal! })),
      );
    },
    async left() {
      const { waiting = 0, inHand = 0 } = (await inbox.counts())[Q] ?? {};
      return waiting + inHand;
    },
  };
  return { queue, inbox, around };
}

describe('the queue in an inbox', () => {
  queueContract(async () => (await startInbox()).queue);

  it('hands a message to the worker with whoever filed it', async () => {
    const { queue } = await startInbox();
    await queue.send('good');
    const senders: unknown[] = [];
    await queue.deliver(async (message) => void senders.push(message.sender));
    expect(senders).toEqual([sender]);
  });

  it('says which messages come again, and warns of one that was taken over because its work took longer than the lease', async () => {
    const { queue, inbox, around } = await startInbox();
    const ids = [await queue.send('slow'), await queue.send('busy')];
    const claimed = await inbox.claim(Q, 10, IN_HAND_MS);
    const answer = await takeBatch(
      { inbox, claimed },
      contextOf(30_000),
      async ({ body }) => {
        if (body === 'busy') throw new VendingError('IN_PROGRESS', 'Wait', { retryAfterMs: 3 * IN_HAND_MS });
        while ((await inbox.read(Q, ids[1]!))?.state === 'in-hand'); // until the other one is put back
        queue.advance(IN_HAND_MS + 1_000);
        expect(await inbox.claim(Q, 10, IN_HAND_MS)).toMatchObject([{ id: ids[0] }]);
      },
      around,
    );
    expect(answer).toEqual({ kept: [ids[1]] });
    expect(queue.told.warned).toEqual([{ message: 'message taken over', queue: Q, messageId: ids[0], tries: 1 }]);
    expect((await inbox.read(Q, ids[0]!))?.state).toBe('in-hand');
  });
});
