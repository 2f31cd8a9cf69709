import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { wait } from '../../lib/clock.ts';

describe('waiting', () => {
  it('leaves nothing behind at a signal that lives on, as that of a server does', async () => {
    const over = new AbortController();
    for (let times = 0; times < 5; times += 1) await wait(0, over.signal);
    expect(getEventListeners(over.signal, 'abort')).toEqual([]);
  });

  it('ends at once when its signal does, and when that has ended already', async () => {
    const over = new AbortController();
    const waiting = wait(3_600_000, over.signal);
    over.abort('over');
    await waiting;
    await wait(3_600_000, over.signal);
  });
});
