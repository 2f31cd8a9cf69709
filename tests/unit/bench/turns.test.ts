import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { accounted, atPort, inThreadPool } from '../../../bench/warm/turns.ts';

const compute = (ms: number) => {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
};
/** Or up to 100 ms more, because other processes take their turns too; a mistake makes a difference of 170. */
const about = (ms: number) => ({ asymmetricMatch: (got: unknown) => Number(got) > ms - 2 && Number(got) < ms + 100 });

describe('the accounting of a request', () => {
  it("counts as the request's own what it computes, before and after a port, and not how long it waits", async () => {
    const times = await accounted(async () => {
      compute(10);
      await atPort(200, () => {});
      compute(10);
    });
    expect(times).toEqual({ ownMs: about(20), beyondMs: about(20) });
  });

  it('counts what a stand-in computes as time of the ports', async () => {
    const times = await accounted(async () => {
      compute(5);
      await atPort(10, () => compute(200));
    });
    expect(times).toEqual({ ownMs: about(5), beyondMs: about(5) });
  });

  it('counts waits at the same time once', async () => {
    const times = await accounted(async () => {
      await Promise.all([atPort(200, () => {}), atPort(190, () => {})]);
      compute(10);
    });
    expect(times).toEqual({ ownMs: about(10), beyondMs: about(10) });
  });

  it("does not count time behind another request as the request's own, but as time beyond the ports all the same", async () => {
    const [one, other] = await Promise.all([accounted(async () => compute(200)), accounted(async () => compute(5))]);
    expect(one).toEqual({ ownMs: about(200), beyondMs: about(200) });
    expect(other).toEqual({ ownMs: about(5), beyondMs: about(205) });
  });

  it("does not count time in the thread pool as the request's own, but counts what is computed after that", async () => {
    const times = await accounted(async () => {
      await inThreadPool(wait(200));
      compute(10);
    });
    expect(times).toEqual({ ownMs: about(10), beyondMs: about(210) });
  });

  it('passes on what the work throws', async () => {
    const failing = accounted(async () => {
      await atPort(1, () => {});
      throw new Error('it failed');
    });
    await expect(failing).rejects.toThrow('it failed');
  });
});
