// What every queue owes to a message, whoever delivers it: done, postponed, or announced as refused and then buried. Run for each
// platform's queue.ts, with a clock that is told to move.
import { describe, expect, it } from 'vitest';
import { about } from '../../lib/application/about.ts';
import type { Act, Message } from '../../lib/application/messages.ts';
import { keyPairRequest } from '../../lib/contract/key-pair-request.ts';
import { parsed } from '../../lib/contract/parse.ts';
import { VendingError } from '../../lib/errors.ts';
import type { Refusal } from '../../lib/inbox/inbox.ts';
import type { AroundBatch } from '../../lib/platforms/platform.ts';

export interface QueueHarness {
  /** @returns the message's id */
  send(body: string): Promise<string>;
  /** Whatever is due, as the platform delivers it. */
  deliver(act: Act): Promise<void>;
  advance(ms: number): void;
  deadLetters(): Promise<readonly ({ readonly body: string } & Refusal)[]>;
  /** What is waiting or in hand. */
  left(): Promise<number>;
  /** What does not work just now. */
  readonly broken: Set<'postpone' | 'bury' | 'refuse'>;
  readonly told: Told;
}
export type StartQueue = () => Promise<QueueHarness>;

/** What was announced, warned of and logged. */
export interface Told {
  readonly events: unknown[];
  readonly warned: unknown[];
  readonly failed: unknown[];
}

/** @param around the clock, and what is broken */
export function telling(around: Pick<AroundBatch, 'clock'>, broken: ReadonlySet<string>) {
  const told: Told = { events: [], warned: [], failed: [] };
  const rest: Pick<AroundBatch, 'refuse' | 'log' | 'clock'> = {
    ...around,
    async refuse(id, code, errors) {
      if (broken.has('refuse')) throw new Error('down');
      told.events.push({ id, code, ...(errors && { errors }) });
    },
    log: {
      info: () => {},
      warn: (message, fields) => void told.warned.push({ message, ...fields }),
      failed: (error) => void told.failed.push(error),
    },
  };
  return { told, rest };
}

/** As Lambda has it, and as a server's own workers do. */
export const contextOf = (leftMs: number) => ({ getRemainingTimeInMillis: () => leftMs, leftMs: () => leftMs });
/** How long a message stays with whoever took it and said nothing. */
export const IN_HAND_MS = 180_000;

const web = { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'web' } as const;
const reads: Act = async ({ body }) => void parsed(keyPairRequest('ecs'), body);
const busy: Act = async () => {
  throw new VendingError('IN_PROGRESS', 'Wait', { retryAfterMs: 90_000 });
};

/** @returns what was given to the act */
async function delivered({ deliver }: QueueHarness, act: Act = async () => {}): Promise<Message[]> {
  const given: Message[] = [];
  await deliver(async (message, leftMs) => {
    given.push(message);
    await act(message, leftMs);
  });
  return given;
}

export function queueContract(start: StartQueue): void {
  describe('a message', () => {
    it('that is good is done, and forgotten', async () => {
      const queue = await start();
      const id = await queue.send('good');
      expect(await delivered(queue)).toMatchObject([{ id, body: 'good', sender: { id: expect.any(String) } }]);
      expect(await queue.left()).toBe(0);
      queue.advance(IN_HAND_MS);
      expect(await delivered(queue)).toEqual([]);
      expect([queue.told.events, queue.told.failed, await queue.deadLetters()]).toEqual([[], [], []]);
    });

    it('that fails for now comes again when it is time, until it is good', async () => {
      const queue = await start();
      await queue.send('busy');
      expect(await delivered(queue, busy)).toHaveLength(1);
      queue.advance(89_000);
      expect(await delivered(queue)).toEqual([]);
      queue.advance(2_000);
      expect(await delivered(queue)).toHaveLength(1);
      expect([await queue.left(), queue.told.events, await queue.deadLetters()]).toEqual([0, [], []]);
    });

    it.each([
      ['whose failure says no time', new VendingError('CLOUD_UNREACHABLE', 'Down')],
      ['that fails by a bug', new Error('a bug')],
    ])('%s comes again after half a minute', async (_, error) => {
      const queue = await start();
      await queue.send('down');
      await delivered(queue, () => Promise.reject(error));
      queue.advance(29_000);
      expect(await delivered(queue)).toEqual([]);
      queue.advance(2_000);
      expect(await delivered(queue)).toHaveLength(1);
      expect(queue.told.failed).toEqual([error]);
    });

    it('that can never succeed is announced, and then buried with its reason', async () => {
      const queue = await start();
      const id = await queue.send('never');
      await delivered(queue, () => Promise.reject(new VendingError('NAME_TAKEN', 'It is taken')));
      const reason = 'It is taken. Choose another name, or have its owner remove it.';
      expect(queue.told.events).toEqual([{ id, code: 'NAME_TAKEN' }]);
      expect(await queue.deadLetters()).toEqual([{ body: 'never', code: 'NAME_TAKEN', reason }]);
      queue.advance(2 * IN_HAND_MS);
      expect(await delivered(queue)).toEqual([]);
    });

    it('that was announced, and then not buried because something ended there, comes again, and both are done again', async () => {
      const queue = await start();
      const id = await queue.send('{}');
      queue.broken.add('bury');
      await delivered(queue, reads);
      expect([queue.told.events.length, await queue.left(), await queue.deadLetters()]).toEqual([1, 1, []]);
      queue.broken.clear();
      queue.advance(IN_HAND_MS + 1_000);
      await delivered(queue, reads);
      expect(queue.told.events).toMatchObject([{ id }, { id }]);
      expect(await queue.deadLetters()).toMatchObject([{ body: '{}', code: 'INVALID_REQUEST' }]);
      expect(await queue.left()).toBe(0);
    });

    it('is not buried before it could be announced', async () => {
      const queue = await start();
      await queue.send('{}');
      queue.broken.add('refuse');
      await delivered(queue, reads);
      expect([await queue.left(), await queue.deadLetters()]).toEqual([1, []]);
      queue.broken.clear();
      queue.advance(IN_HAND_MS + 1_000);
      await delivered(queue, reads);
      expect([await queue.left(), (await queue.deadLetters()).length]).toEqual([0, 1]);
    });

    it("that could not be postponed comes again in the queue's own time", async () => {
      const queue = await start();
      await queue.send('busy');
      queue.broken.add('postpone');
      await delivered(queue, busy);
      queue.advance(IN_HAND_MS + 1_000);
      expect(await delivered(queue)).toHaveLength(1);
    });

    it('that is put back and was sent half an hour ago is warned of, with the key pair it is about', async () => {
      const queue = await start();
      const id = await queue.send('busy');
      const named: Act = (message, leftMs) => about(web, busy(message, leftMs));
      queue.advance(29 * 60_000);
      await delivered(queue, named);
      expect(queue.told.warned).toEqual([]);
      queue.advance(2 * 60_000);
      await delivered(queue, named);
      expect(queue.told.warned).toEqual([{ message: 'message late', ...web, messageId: id, minutes: 31 }]);
      queue.advance(2 * 60_000);
      await delivered(queue);
      expect(queue.told.warned).toHaveLength(1);
    });

    it('holds up no other of its batch', async () => {
      const queue = await start();
      for (const body of ['bad', 'busy', 'good', 'bug']) await queue.send(body);
      const given = await delivered(queue, async (message, leftMs) => {
        if (message.body === 'bad') return reads(message, leftMs);
        if (message.body === 'busy') return busy(message, leftMs);
        if (message.body === 'bug') throw new Error('a bug');
      });
      expect(given.map(({ body }) => body).sort()).toEqual(['bad', 'bug', 'busy', 'good']);
      expect([await queue.left(), (await queue.deadLetters()).map(({ body }) => body)]).toEqual([2, ['bad']]);
    });
  });

  describe('a dead letter', () => {
    it.each([
      ['{"name":', [{ pointer: '#', detail: 'is not JSON' }]],
      ['[1]', [{ pointer: '#', detail: 'is not an object' }]],
      ['{"name":1,"name":2}', [{ pointer: '#', detail: 'has a field twice, or one that has no meaning' }]],
      [
        '{"provider":"ecs","name":"no name!","region":"cn-hangzhou","tags":{"a":1},"size":4096}',
        [
          { pointer: '#/name', detail: 'does not have the required form' },
          { pointer: '#/tags/a', detail: 'is missing or has the wrong type' },
          { pointer: '#/size', detail: 'is not a field of this request' },
        ],
      ],
    ])('of %s says what is wrong, and so does its event, without a value', async (body, fields) => {
      const queue = await start();
      const id = await queue.send(body);
      await delivered(queue, reads);
      const [dead] = await queue.deadLetters();
      expect(dead).toMatchObject({ body, code: 'INVALID_REQUEST', fields });
      expect(queue.told.events).toEqual([{ id, code: 'INVALID_REQUEST', errors: fields }]);
      expect(JSON.stringify([dead!.reason, dead!.fields])).not.toMatch(/no name|4096/);
    });

    it('names no more than twenty fields', async () => {
      const queue = await start();
      await queue.send(
        JSON.stringify(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${'x'.repeat(60)}${i}`, 1]))),
      );
      await delivered(queue, reads);
      expect((await queue.deadLetters())[0]?.fields).toHaveLength(20);
      expect(queue.told.events).toMatchObject([{ errors: { length: 20 } }]);
    });

    it.each([256 * 1024, 256 * 1024 - 300])('may be as long as a message: %d bytes', async (bytes) => {
      const queue = await start();
      const body = `{${' '.repeat(bytes - 2)}}`;
      await queue.send(body);
      await delivered(queue, reads);
      expect((await queue.deadLetters()).map((one) => one.body.length)).toEqual([bytes]);
      expect(await queue.left()).toBe(0);
    });
  });
}
