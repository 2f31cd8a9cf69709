import { describe, expect, it } from 'vitest';
import { VendingError } from '../../../../lib/errors.ts';
import type { Claimed } from '../../../../lib/inbox/inbox.ts';
import { pass } from '../../../../lib/platforms/fc/pass.ts';
import { testClock } from '../../../doubles/test-clock.ts';

const message = (id: string) => ({ id, queue: 'q', body: '', tries: 1 }) as unknown as Claimed;

/** A queue of so many messages, each of which takes a second. */
function queueOf(count: number, { limitMs = 60_000, workMs = 10_000, most = 2, takesMs = 1_000 } = {}) {
  const clock = testClock();
  const waiting = Array.from({ length: count }, (_, i) => message(`m${i}`));
  const leases: number[] = [];
  let [atOnce, mostAtOnce] = [0, 0];
  const run = (fail: (id: string) => boolean = () => false) =>
    pass({
      ...{ queue: 'q', most, workMs, leftMs: () => limitMs - clock.monotonicMs(), failed() {} },
      inbox: {
        claim: async (_queue, room, leaseMs) => {
          leases.push(leaseMs);
          return waiting.splice(0, room);
        },
      },
      async take({ id }, leftMs) {
        atOnce += 1;
        mostAtOnce = Math.max(mostAtOnce, atOnce);
        expect(leftMs()).toBeLessThanOrEqual(workMs);
        await new Promise((resolve) => setImmediate(resolve));
        clock.advance(takesMs);
        atOnce -= 1;
        if (fail(id)) throw new Error('something');
        return id !== 'm1';
      },
    });
  return { run, waiting, leases, mostAtOnce: () => mostAtOnce, inHand: () => atOnce };
}

describe('one pass over a queue', () => {
  it('takes all that is there, so many at a time, and is over with all of it', async () => {
    const queue = queueOf(7);
    expect(await queue.run()).toEqual({ done: 6, kept: 1 });
    expect(queue.mostAtOnce()).toBe(2);
    expect(queue.inHand()).toBe(0);
  });

  it('begins nothing that it may not finish', async () => {
    const queue = queueOf(100, { limitMs: 30_000, takesMs: 3_000 });
    const { done, kept } = await queue.run();
    expect(queue.waiting).toHaveLength(100 - done - kept);
    expect(done + kept).toBeGreaterThan(3);
    expect(done + kept).toBeLessThan(10);
  });

  it('takes nothing at all where there is no time for one', async () => {
    const queue = queueOf(1, { limitMs: 11_000 });
    expect(await queue.run()).toEqual({ done: 0, kept: 0 });
    expect(queue.leases).toEqual([]);
  });

  it('goes on with the others when one fails, which comes again', async () => {
    const queue = queueOf(3);
    expect(await queue.run((id) => id === 'm0')).toEqual({ done: 1, kept: 2 });
  });

  it('ends what is in hand before it says that the queue cannot be asked', async () => {
    const clock = testClock();
    let isDone = false;
    let claims = 0;
    const passing = pass({
      ...{ queue: 'q', most: 2, workMs: 1_000, leftMs: () => 60_000 - clock.monotonicMs(), failed() {} },
      inbox: {
        async claim() {
          claims += 1;
          if (claims === 1) return [message('a')];
          throw new VendingError('QUEUE_UNAVAILABLE', 'gone');
        },
      },
      async take() {
        await new Promise((resolve) => setTimeout(resolve, 20));
        isDone = true;
        return true;
      },
    });
    await expect(passing).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    expect(isDone).toBe(true);
  });
});
